# The vault (libkeys.a), the one door the others use (libkeysclient.a), and the
# programs that hold private bytes.
noinst_LIBRARIES += %D%/libkeys.a %D%/libkeysclient.a
sbin_PROGRAMS += senderkeyd
bin_PROGRAMS += senderctl-relay senderctl-officer

%C%_libkeysclient_a_SOURCES = \
	%D%/client.c %D%/client.h \
	%D%/digest.c %D%/digest.h \
	%D%/event_link.c %D%/event_link.h \
	%D%/hex.c %D%/hex.h \
	%D%/protocol.c %D%/protocol.h
%C%_libkeysclient_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)

%C%_libkeys_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS) $(CRYPTO_CFLAGS) $(SECCOMP_CFLAGS)
%C%_libkeys_a_SOURCES = \
	%D%/bytes.h \
	%D%/bundle.c %D%/bundle.h \
	%D%/bundling.c %D%/bundling.h \
	%D%/cage.c %D%/cage.h \
	%D%/chain.c %D%/chain.h \
	%D%/confine.c %D%/confine.h \
	%D%/envoy.c %D%/envoy.h \
	%D%/envelope.c %D%/envelope.h \
	%D%/escrow.c %D%/escrow.h \
	%D%/escrow_hearing.c %D%/escrow_hearing.h \
	%D%/escrow_letter.c %D%/escrow_letter.h \
	%D%/escrow_sealed.c %D%/escrow_sealed.h \
	%D%/escrow_store.c %D%/escrow_store.h \
	%D%/escrow_trial.c %D%/escrow_trial.h \
	%D%/fingerprint.c %D%/fingerprint.h \
	%D%/foundry.c %D%/foundry.h \
	%D%/harden.c %D%/harden.h \
	%D%/lone_tool.c %D%/lone_tool.h \
	%D%/helper.c %D%/helper.h \
	%D%/identity.c %D%/identity.h \
	%D%/key_file.c %D%/key_file.h \
	%D%/key_store.c %D%/key_store.h \
	%D%/keyd.c %D%/keyd.h \
	%D%/key_text.c %D%/key_text.h \
	%D%/keypair.c %D%/keypair.h %D%/keypair_openssl.h \
	%D%/keypair_bn.c %D%/keypair_bn.h \
	%D%/manifest.c %D%/manifest.h \
	%D%/master_files.c %D%/master_files.h \
	%D%/master_key.c %D%/master_key.h \
	%D%/officer_key.c %D%/officer_key.h \
	%D%/officer_list.c %D%/officer_list.h \
	%D%/op_bundle.c \
	%D%/op_destroy.c \
	%D%/op_enrol.c \
	%D%/op_escrow_answer.c \
	%D%/op_escrow_ask.c \
	%D%/op_escrow_make.c \
	%D%/op_escrow_reissue.c \
	%D%/op_generate.c \
	%D%/op_history.c \
	%D%/op_import.c \
	%D%/op_login.c \
	%D%/op_master.c \
	%D%/op_notice.c \
	%D%/op_officer.c \
	%D%/op_password.c \
	%D%/op_status.c \
	%D%/op_unlock.c \
	%D%/operation.c %D%/operation.h \
	%D%/passphrase.c %D%/passphrase.h \
	%D%/peer.c %D%/peer.h \
	%D%/pool.c %D%/pool.h \
	%D%/prover.c %D%/prover.h \
	%D%/relay_files.c %D%/relay_files.h \
	%D%/rewrap.c %D%/rewrap.h \
	%D%/secret.c %D%/secret.h \
	%D%/secret_line.c %D%/secret_line.h \
	%D%/secret_file.c %D%/secret_file.h \
	%D%/selfcheck.c %D%/selfcheck.h \
	%D%/signature.c %D%/signature.h \
	%D%/service.c %D%/service.h \
	%D%/service_bundles.c \
	%D%/service_casts.c \
	%D%/service_patrons.c \
	%D%/service_visits.c \
	%D%/socket.c %D%/socket.h \
	%D%/startup.c %D%/startup.h \
	%D%/vault.c %D%/vault.h \
	%D%/vault_escrow.c %D%/vault_escrow.h \
	%D%/vault_mac.c

senderkeyd_SOURCES = %D%/senderkeyd.c
senderkeyd_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
senderkeyd_LDADD = %D%/libkeys.a core/libwire.a %D%/libkeysclient.a sql/libsql.a $(BASE_LIBS) \
	$(PQ_LIBS) $(SODIUM_LIBS) $(SECCOMP_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS)

senderctl_relay_SOURCES = %D%/relay_tool.c
senderctl_relay_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
senderctl_relay_LDADD = %D%/libkeys.a %D%/libkeysclient.a core/libbase.a $(SODIUM_LIBS)

senderctl_officer_SOURCES = %D%/officer_tool.c
senderctl_officer_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
senderctl_officer_LDADD = %D%/libkeys.a %D%/libkeysclient.a core/libbase.a $(SODIUM_LIBS)
