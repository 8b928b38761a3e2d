# unit tests of core/record
