# An object depends on the members of a shared enumeration that it names, not on the whole list: after a new rule key
# only the files are compiled again that name it, or how many there are. For every member there is a file in
# build/gen/members, touched when the member's number changes; packaging/members writes these files into the dependencies
# that the compiler found. An object that names every member of an enumeration depends on how many there are, so that the
# compiler can warn of a switch that lacks the new one. tests/checks/recompiled counts.
LISTS := src/rules/keys.def src/rules/effect.h src/base/level.h src/model/kinds.h src/sources/client_kinds.h src/report/format.h
MEMBERS := $(GEN)/members
narrow = $(QUIET)packaging/members --narrow $(MEMBERS) $(@:.o=.d)

$(MEMBERS)/.made: $(LISTS) packaging/members packaging/members.mk
	@packaging/members --update $(MEMBERS) $(LISTS) && printf '# Made by members.mk.\n' >$@
# Included, so that it is made before make looks at the objects.
include $(MEMBERS)/.made
