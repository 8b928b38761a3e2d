# doc: manual pages and guides
EXTRA_DIST += $(DECISIONS)
include %D%/decisions/list.mk
