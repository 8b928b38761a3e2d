# unit tests of core/model
