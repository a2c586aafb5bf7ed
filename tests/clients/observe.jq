# From a recorded request to the last two columns of `observed`: a line for each message that holds markers.
#
#   jq -r -L tests/clients --argjson unordered '[["RULE"], ...]' --argjson after '[["CR", "\r"], ...]' --argjson shown '["tools", "model"]' -f tests/clients/observe.jq REQUEST
#
# The input is a line that `sysprompt capture --full` keeps: {"path": ..., "body": ...}.
include "markers";

# The text of a message's content, its parts one after the other; of anything else, all strings in it.
def text_of: if type == "string" then . else map(.text? // empty) | join("\n") end;
def strings_of: [.. | strings] | join("\n");

def anthropic:
    {place: "system", text: (.system // [] | text_of)},
    (.messages[] | (if .role == "system" then "system-message" else .role end) as $place
     | (.content | if type == "string" then [{type: "text", text: .}] else . end)
     | {place: $place, text: (map(select(.type == "text")) | text_of)},
       (.[] | select(.type == "tool_result") | {place: "result", text: (.content | strings_of)}));

def responses:
    {place: "system", text: (.instructions // "")},
    (.input[] | if .type // "message" | endswith("_output") then {place: "result", text: (.output | strings_of)}
                else {place: (.role // "none"), text: (.content // "" | text_of)} end);

# A message of the role system before all others is the system prompt.
def chat:
    (.messages | map(.role == "system") | index(false) // length) as $others
    | .messages | to_entries[]
    | {place: (if .value.role == "tool" then "result"
               elif .value.role == "system" and .key >= $others then "system-message"
               else .value.role end),
       text: ((.value.role == "tool") as $is_result
              | .value.content // "" | if $is_result then strings_of else text_of end)};

def gemini:
    {place: "system", text: (.systemInstruction.parts // [] | text_of)},
    (.contents[] | (.role // "user") as $place
     | {place: $place, text: (.parts | text_of)},
       (.parts[] | .functionResponse? // empty | {place: "result", text: (.response | strings_of)}));

.path as $path | .body as $body | .body
| [(if $path | endswith("/messages") then anthropic
    elif $path | endswith("/responses") then responses
    elif $path | endswith("/completions") then chat
    else gemini end),
   {place: "tools", text: ([.tools // [], (.input? // [] | if type == "array" then .[] | .tools? // [] else [] end)] | strings_of)}]
| map(select(.place != "assistant" and .place != "model")
      | {place, markers: (.text | markers_in($after) | settle($unordered) | shorten)} | select(.markers != ""))
| . + ([$shown[] | if . == "tools" then {place: "tool-names", markers: ([$body.tools[]? | .name // .function.name] | sort | join(" "))}
                    else {place: "model", markers: $body.model} end])
| if . == [] then "none\t" else .[] | "\(.place)\t\(.markers)" end
