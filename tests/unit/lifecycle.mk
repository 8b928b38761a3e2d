# unit tests of core/lifecycle
