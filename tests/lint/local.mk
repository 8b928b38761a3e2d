# tests/lint: is the house in order?
LINTS = %D%/rooms.sh %D%/house.sh %D%/manual.sh %D%/words.sh
dist_check_SCRIPTS += $(LINTS)
EXTRA_DIST += %D%/rooms.tab
TESTS += $(LINTS)
