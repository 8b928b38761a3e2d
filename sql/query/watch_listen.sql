-- watch_listen: be told when a domain is to be looked at now
-- in:
-- out:
LISTEN senderctl_watch;
