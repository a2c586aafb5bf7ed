# Compares a prediction with an observation: prints a line for each difference, and nothing if they agree.
#
#   sysprompt build --json --layout=split ... | jq -r --rawfile observed FILE --arg version VERSION --arg view NAME \
#       --argjson unordered '[["RULE"], ...]' --arg known 'RULE-001..003 ...' -f compare.jq
#
# Everything that is not the system prompt counts as the user's message: the program prints one, where the client sends
# several. Markers in $known are compared for nothing but this: "known MARKER" says that one of them does differ.

# "LL-001..003" -> "LL-001", "LL-002", "LL-003"
def expand:
    capture("(?<name>[A-Z]+)-(?<first>[0-9]+)([.][.](?<last>[0-9]+))?")
    | .name as $name
    | range(.first | tonumber; (.last // .first | tonumber) + 1)
    | $name + "-" + ("00\(.)" | .[-3:]);

# A list of markers for a person to read: the other way round.
def shorten:
    reduce (.[] | split("-") | {name: .[0], number: (.[1] | tonumber)}) as $marker
        ([]; if length > 0 and .[-1].name == $marker.name and .[-1].last + 1 == $marker.number
             then .[-1].last += 1
             else . + [{name: $marker.name, first: $marker.number, last: $marker.number}] end)
    | map(.name + "-" + ("00\(.first)" | .[-3:]) + if .first == .last then "" else ".." + ("00\(.last)" | .[-3:]) end)
    | join(" ");

# Sorts each run of markers of one unordered group.
def settle:
    reduce .[] as $marker
        ([]; ($marker | split("-")[0]) as $name
             | ([$unordered[] | select(index($name))][0]) as $group
             | if $group and length > 0 and .[-1].group == $group
               then .[-1].markers += [$marker]
               else . + [{group: $group, markers: [$marker]}] end)
    | map(if .group then .markers | sort else .markers end) | add // [];

def rows($name):
    [$observed | split("\n")[] | select(startswith("#") | not) | split("\t") | select(.[0] == $version and .[3] == $name)];

# The markers of a row: "= NAME" stands for those of the first row of that view.
def markers:
    (if .[5] | startswith("= ") then rows(.[5][2:])[0][5] else .[5] end) | split(" ")[] | select(. != "") | expand;

def side($place): if $place == "system" then "system" else "user" end;

# Where two lists begin to differ, and what follows there.
def from_first_difference($other):
    . as $list | ([range(0; length)] | map(select($list[.] != $other[.])) | .[0]) as $at | .[$at:$at + 8] | shorten;

[$known | split(" ")[] | select(. != "") | expand] as $known
| (reduce rows($view)[] as $row ({system: [], user: []}; .[side($row[4])] += [$row | markers])) as $wanted
| (reduce .messages[] as $message ({system: [], user: []};
    .[side($message.role)] += [$message.text | scan("(?<![A-Za-z0-9-])[A-Z]{2,10}-[0-9]{3}(?![A-Za-z0-9])")])) as $got
| ("system", "user") as $side
| ($wanted[$side] - $known | settle) as $wanted_here
| ($got[$side] - $known | settle) as $got_here
| ($wanted_here - $got_here) as $missing
| ($got_here - $wanted_here) as $extra
| ($wanted_here - $missing) as $wanted_common
| ($got_here - $extra) as $got_common
| (($wanted[$side] - $got[$side]) + ($got[$side] - $wanted[$side]) | .[] | select([.] - $known == []) | "known " + .),
  (select($missing != []) | "  \($side): the client has, we have not: \($missing | shorten)"),
  (select($extra != []) | "  \($side): we have, the client has not: \($extra | shorten)"),
  (select($wanted_common != $got_common)
    | "  \($side): order of the client, where it differs: \($wanted_common | from_first_difference($got_common))",
      "  \($side): our order:                            \($got_common | from_first_difference($wanted_common))")
