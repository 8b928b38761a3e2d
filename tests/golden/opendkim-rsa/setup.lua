-- 1. Mail without a login is nobody's: not signed, not judged (bounces come in here too).
local login = odkim.get_mtasymbol(ctx, "{auth_authen}")
if login == nil or login == "" then return nil end

-- 2. One From with one address.  Its domain is the envelope sender's, which the mail server
--    has bound to this login; or it is registered for this login, together with that envelope
--    domain or, for the null sender, with none.
local from = odkim.get_fromdomain(ctx)
local sender = odkim.get_envfrom(ctx)
local envelope = sender and sender:match("@([^@<>]+)>?$")
local header = odkim.get_header(ctx, "From", 0)
local good = from ~= nil and odkim.get_header(ctx, "From", 1) == nil
if good and header ~= nil then
  local bare = header:gsub('\\.', ''):gsub('"[^"]*"', ''):gsub('%b()', '')
  local _, ats = bare:gsub('@', '')
  good = ats == 1
end
from = from and from:lower()
envelope = envelope and envelope:lower()
if good and envelope ~= from then
  local guard = odkim.db_open("db:/var/lib/senderctl/relay/mx1/g00000007/opendkim-rsa/guard.db")
  if guard == nil then odkim.set_result(ctx, SMFIS_TEMPFAIL) return nil end
  local key = from .. "|" .. login
  if envelope ~= nil then key = key .. "|" .. envelope end
  good = odkim.db_check(guard, key) == 1
end
if not good then
  odkim.log(ctx, "refused: login " .. login .. ", From " .. tostring(from) .. ", envelope " .. tostring(sender))
  odkim.set_result(ctx, SMFIS_REJECT)
  return nil
end

-- 3. Every slot that has a key signs; one that has and can't is a reason to wait.
local keys = odkim.db_open("db:/var/lib/senderctl/relay/mx1/g00000007/opendkim-rsa/KeyTable.db")
if keys == nil then odkim.set_result(ctx, SMFIS_TEMPFAIL) return nil end
for slot = 1, 2 do
  local key = slot .. "|" .. from
  if odkim.db_check(keys, key) == 1 and odkim.sign(ctx, key) ~= 1 then
    odkim.set_result(ctx, SMFIS_TEMPFAIL)
  end
end
return nil
