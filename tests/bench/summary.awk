# Makes a table of measurements: a line for each row, a column for each name in `columns`.
#
#   awk -v title=... -v columns="count.first count.again" [-v against="..."] [-v headings="..."] -f summary.awk
#
# A measurement is "ROW <tab> COLUMN <tab> NUMBER". A cell is the median of its numbers and, in brackets, the least and the
# greatest. With `against`, the same number of columns that are not shown, it is the median and how many times as much
# the other one's median is. lowest=1 adds which row has the lowest median of each column.
BEGIN { FS = "\t" }
!($1 in seen) { seen[$1] = 1; rows[++count] = $1 }
{ values[$1, $2, ++n[$1, $2]] = $3 }

function median(row, column,    list, i, j, last, t) {
    last = n[row, column]
    for (i = 1; i <= last; i++) {
        t = values[row, column, i]
        for (j = i; j > 1 && list[j - 1] + 0 > t + 0; j--) list[j] = list[j - 1]
        list[j] = t
    }
    least = list[1]; greatest = list[last]
    return last % 2 ? list[(last + 1) / 2] : (list[last / 2] + list[last / 2 + 1]) / 2
}

function number(x) { return sprintf(x < 10 ? "%.2f" : x < 100 ? "%.1f" : "%.0f", x) }

function cell(row, column, other,    m) {
    if (!n[row, column]) return "-"
    m = median(row, column)
    if (!(column in low) || m < low[column]) { low[column] = m; lowest_row[column] = row }
    if (other != "") return number(m) (n[row, other] ? sprintf("  x %s", number(median(row, other) / m)) : "")
    return n[row, column] > 1 ? sprintf("%s (%s..%s)", number(m), number(least), number(greatest)) : number(m)
}

END {
    last = split(columns, names, " ")
    split(against, others, " ")
    if (headings == "") headings = columns
    split(headings, heads, " ")
    printf "%-24s", title
    for (i = 1; i <= last; i++) { gsub(/[._]/, " ", heads[i]); printf "%19s", heads[i] }
    print ""
    for (r = 1; r <= count; r++) {
        line = sprintf("%-24s", rows[r]); filled = 0
        for (i = 1; i <= last; i++) {
            shown = cell(rows[r], names[i], others[i])
            filled += shown != "-"
            line = line sprintf("%19s", shown)
        }
        if (filled) print line
    }
    for (i = 1; lowest && i <= last; i++) printf "lowest, %s: %s, %s\n", heads[i], number(low[names[i]]), lowest_row[names[i]]
}
