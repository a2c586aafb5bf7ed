# Compares predictions with observations: prints a line for each difference.
#
#   sysprompt build --json --layout=split ... >VIEW
#   jq -r -L tests/clients --rawfile observed FILE --arg version VERSION --argjson unordered '[["RULE"], ...]' \
#       --argjson after '[["CR", "\r"], ...]' --arg known 'RULE-001..003 ...' -f tests/clients/compare.jq VIEW...
#
# VIEW is a file with the view's name. What list prints, in place of build, counts as one message of its entries.
# Everything that is neither the system prompt nor a tool's definition counts as the user's message: the program prints
# one, where the client sends several. Markers in $known are compared for nothing but this: "known MARKER" says that one
# of them does differ. A view begins with "view NAME" and has a line "grades S O M": 1 for the same set of markers, the
# same order, and the same messages, each only where the one before it is 1; 0 otherwise. Known markers count there, too.

include "markers";

def rows($name):
    [$observed | split("\n")[] | select(startswith("#") | not) | split("\t") | select(.[0] == $version and .[3] == $name)];

# The markers of a row: "= NAME" stands for those of the first row of that view.
def markers:
    (if .[5] | startswith("= ") then rows(.[5][2:])[0][5] else .[5] end) | split(" ")[] | select(. != "") | expand;

def side($place):
    if $place == "system" or $place == "developer" then "system" elif $place == "tools" then "tools" else "user" end;
def is_fact: .[4] == "tool-names" or .[4] == "model";

# What the program says of the request beside its text: what is observed alike with it, in the same words.
def predicted($place):
    if $place == "model" then .request.model // .agent.model_resolved // "" else .agent.tools_resolved // [] | sort | join(" ") end;
def grade: if . then 1 else 0 end;

# Where two lists begin to differ, and what follows there.
def from_first_difference($other):
    . as $list | ([range(0; length)] | map(select($list[.] != $other[.])) | .[0]) as $at | .[$at:$at + 8] | shorten;

def as_listing:
    {messages: [{role: "user", text: (
        [(.skills // .agents)[] | select(.status | IN("listed", "name-only", "loads"))
         | "\(.name): \(.listed_description // .description // "")"] | join("\n"))}]};

(input_filename | split("/") | last) as $view
| (if .messages then . else as_listing end)
| [$known | split(" ")[] | select(. != "") | expand] as $known
| {system: [], user: [], tools: []} as $none
| (reduce (rows($view)[] | select(is_fact | not)) as $row ($none; .[side($row[4])] += [$row | markers])) as $wanted
| [.lists // [] | .[] | {role, before, text: ([.entries[].description] | join("\n"))}] as $lists
| (reduce (($lists[] | select(.before)), .messages[], ($lists[] | select(.before | not))) as $message
    ($none; .[side($message.role)] += ($message.text | markers_in($after)))) as $got
| (($wanted | [.[]] | add | sort) == ($got | [.[]] | add | sort)) as $same_set
| ($same_set and ($wanted | [.[]] | add | settle($unordered)) == ($got | [.[]] | add | settle($unordered))) as $same_order
| ($same_order and ($wanted | map_values(settle($unordered))) == ($got | map_values(settle($unordered)))) as $same_messages
| [rows($view)[] | select(is_fact and . != "none") | {place: .[4], wanted: .[5]}] as $facts
| . as $document
| "view \($view)",
  ($facts[] | . as $fact | ($document | predicted($fact.place)) as $ours | select($ours != $fact.wanted)
   | "  \(.place): the client has \(.wanted | tojson), we have \($ours | tojson)"),
  "grades \($same_set | grade) \($same_order | grade) \($same_messages | grade)",
  (("system", "user", "tools") as $side
| ($wanted[$side] - $known | settle($unordered)) as $wanted_here
| ($got[$side] - $known | settle($unordered)) as $got_here
| ($wanted_here - $got_here) as $missing
| ($got_here - $wanted_here) as $extra
| ($wanted_here - $missing) as $wanted_common
| ($got_here - $extra) as $got_common
| (($wanted[$side] - $got[$side]) + ($got[$side] - $wanted[$side]) | .[] | select([.] - $known == []) | "known " + .),
  (select($missing != []) | "  \($side): the client has, we have not: \($missing | shorten)"),
  (select($extra != []) | "  \($side): we have, the client has not: \($extra | shorten)"),
  (select($wanted_common != $got_common)
    | "  \($side): order of the client, where it differs: \($wanted_common | from_first_difference($got_common))",
      "  \($side): our order:                            \($got_common | from_first_difference($wanted_common))"))
