package org.bellwether.cli;

import java.util.ArrayList;
import java.util.List;

/// Columns that line up. The first row is the heading.
final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    Table row(String... cells) {
        rows.add(List.of(cells));
        return this;
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (var row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                line.append(cell).repeat(" ", width(column) - cell.length() + 2);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        int widest = 0;
        for (var row : rows) {
            widest = Math.max(widest, row.get(column).length());
        }
        return widest;
    }
}
