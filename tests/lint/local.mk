dist_check_SCRIPTS += %D%/rooms.sh
EXTRA_DIST += %D%/rooms.tab
TESTS += %D%/rooms.sh
