# unit tests of core/export
