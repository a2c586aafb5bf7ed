# What record and replay share: sourced by both. Needs $tree, the directory that prepare fills.
# shellcheck shell=bash

# prepare FIXTURE BASE ROOT: a new copy of its tree in BASE, with setup done. $ROOT is what an absolute path in a file begins
# with: BASE for the client; nothing for the program, to which --root is /.
prepare() {
    rm -rf "$2"
    mkdir -p "$2/home" "$2/proj"
    if [ -d "$1/tree" ]; then cp -a "$1/tree/." "$2/"; fi
    (
        cd "$2" && git init -q proj || exit 1
        [ ! -f "$1/setup" ] || ROOT=$3 HOME=$2/home LC_ALL=C GIT_CONFIG_NOSYSTEM=1 bash -e "$1/setup" >&2
    ) || { echo "$1/setup failed" >&2; exit 2; }
}

# views FIXTURE: "NAME|DOES|ARGUMENTS|RULES" for each view, without comments and the space around NAME and DOES.
views() { sed -E '/^(#|(unordered|after|before|show) [^|]|[[:space:]]*$)/d; s/^[[:space:]]*([^| ]+)[[:space:]]*\|[[:space:]]*([^|]*[^| ])[[:space:]]*\|/\1|\2|/' "$1/views"; }

# as_json LINES FILTER: the results of the filter, one for each line, as JSON. Starting jq takes long, so not for none.
as_json() { if [ -n "$1" ]; then jq -R "$2" <<<"$1" | jq -sc .; else echo '[]'; fi; }

# unordered FIXTURE: its groups of markers without an order, as JSON.
unordered() { as_json "$(sed -n 's/^unordered //p' "$1/views")" 'split(" ")'; }

# after FIXTURE: the characters that count directly after a marker, or before one, with the names they get, as JSON.
after() {
    as_json "$(sed -nE '/^(after|before) [^|]/p' "$1/views")" 'split(" ") | [.[1], ("\"\(.[2])\"" | fromjson), .[0] == "before"]'
}

# launch_of DOES: the directory in which the client starts.
launch_of() {
    local launch=proj
    case "$1" in "session in "*) launch=${1#session in } launch=${launch%%,*} ;; esac
    echo "$launch"
}

# steps_of DOES VERB: the objects of these steps, a line each, with $TREE replaced by the tree's path. A comma that belongs to
# an object is written "\,".
steps_of() {
    local steps step
    IFS=, read -r -a steps <<<"${1//\\,/$'\001'}"
    for step in "${steps[@]}"; do
        step=${step#"${step%%[! ]*}"}
        [[ $step == "$2 "* ]] || continue
        step=${step#"$2 "} step=${step//$'\001'/,}
        echo "${step//\$TREE/${tree:?}}"
    done
}

# shown FIXTURE: what of a request is observed beside markers ("tools", "model"), as JSON.
shown() { as_json "$(sed -n 's/^show //p' "$1/views")" 'split(" ")[]'; }

# known FIXTURE VERSION: the views and markers that known-differences lists for it, a line each.
known() { sed -n "s|^$1\(@$2\)\? \(.*\)#.*|\2|p" "${here:?}/known-differences" | tr -s ' ' '\n' | sed '/^$/d'; }

# untold FIXTURE: the views in which capture --verify cannot tell the text from the client's own, a line each.
untold() { sed -n "s|^untold $1 \(.*\)#.*|\1|p" "${here:?}/known-differences" | tr -s ' ' '\n' | sed '/^$/d'; }

# profile_of PROGRAM CLIENT VERSION: the profile of that version; of one that the program does not know, the newest.
profile_of() { if "$1" rules --profile="$2@$3" >/dev/null 2>&1; then echo "$2@$3"; else echo "$2"; fi; }
