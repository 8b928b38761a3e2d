# unit tests of core/plan
