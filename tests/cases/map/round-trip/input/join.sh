# Puts the prompt together again from the map alone: slices of the files, and the texts that are written out.
grep '^    {"path"' map.json | sed 's/.*"real_path": "\([^"]*\)".*/\1/' >sources
grep '^    {"output"' map.json | while read -r line; do
    case $line in
    *'"source": null'*)
        printf '%b' "$(printf '%s\n' "$line" | sed 's/.*"text": "\(.*\)"},*$/\1/')"
        ;;
    *)
        set -- $(printf '%s\n' "$line" | sed 's/.*"source": \([0-9]*\), "bytes": \[\([0-9]*\), \([0-9]*\)\].*/\1 \2 \3/')
        head -c "$3" "$(sed -n "$(($1 + 1))p" sources)" | tail -c "$(($3 - $2))"
        ;;
    esac
done
