# unit tests of core/handover
