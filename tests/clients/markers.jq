# Markers in text, and lists of them, for observe.jq and compare.jq.

def marker: "(?<![A-Za-z0-9-])[A-Z]{2,10}-[0-9]{3}(?![A-Za-z0-9])";

# NAME-000 for each character of $after, such as [["CR", "\r"]], that follows a marker.
def name_characters($after):
    if $after == [] then . else
        gsub("(?<marker>" + marker + ")(?<run>[" + ([$after[][1]] | join("")) + "]+)";
             .marker + ([.run | split("")[] as $one | $after[] | select(.[1] == $one) | " " + .[0] + "-000"] | add) + "\n") end;

# The same for each of $before that a marker follows.
def name_leading($before):
    if $before == [] then . else
        gsub("(?<run>[" + ([$before[][1]] | join("")) + "]+)(?<marker>" + marker + ")";
             ([.run | split("")[] as $one | $before[] | select(.[1] == $one) | .[0] + "-000 "] | add) + .marker) end;

def markers_in($characters):
    [name_leading($characters | map(select(.[2]))) | name_characters($characters | map(select(.[2] | not))) | scan(marker)];

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

# Sorts each run of markers of one group of $unordered.
def settle($unordered):
    reduce .[] as $marker
        ([]; ($marker | split("-")[0]) as $name
             | ([$unordered[] | select(index($name))][0]) as $group
             | if $group and length > 0 and .[-1].group == $group
               then .[-1].markers += [$marker]
               else . + [{group: $group, markers: [$marker]}] end)
    | map(if .group then .markers | sort else .markers end) | add // [];
