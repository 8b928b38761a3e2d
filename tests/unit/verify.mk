# unit tests of core/verify
