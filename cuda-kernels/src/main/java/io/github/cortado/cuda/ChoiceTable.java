package io.github.cortado.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Who computes what, where nobody has asked for anything else: {@code choices.txt}, whose header
 * explains it. The first line that fits a task decides; where none does, our own kernels compute.
 */
final class ChoiceTable {
    private static final String RESOURCE = "choices.txt";
    private static final int COLUMNS = 6;
    private static final String ANY = "*";
    private static final Set<String> KINDS =
            Set.of("single", "batched", "grouped", "3x3", "1x1", "other", "plain", ANY);

    private final List<Line> lines = new ArrayList<>();

    /** One line. */
    private record Line(
            String op, String kind, Range work, String math, Range capability, Library choice) {
        boolean fits(Task task, int on) {
            return matches(op, task.op().key())
                    && matches(kind, task.kind())
                    && work.contains(task.work())
                    && matches(math, task.tf32() ? "tf32" : "fp32")
                    && capability.contains(on);
        }

        String describe() {
            return op
                    + (kind.equals(ANY) ? "" : ", " + kind)
                    + (math.equals(ANY) ? "" : ", " + math)
                    + work.describe()
                    + ": "
                    + choice.title();
        }

        private static boolean matches(String column, String value) {
            return column.equals(ANY) || column.equals(value);
        }
    }

    /** Numbers from {@code from} to below {@code to}. */
    private record Range(long from, long to) {
        boolean contains(long n) {
            return n >= from && n < to;
        }

        static Range parse(String text) {
            if (text.equals(ANY)) {
                return new Range(0, Long.MAX_VALUE);
            }
            if (text.startsWith("<")) {
                return new Range(0, number(text.substring(1)));
            }
            if (text.startsWith(">=")) {
                return new Range(number(text.substring(2)), Long.MAX_VALUE);
            }
            int dots = text.indexOf("..");
            if (dots >= 0) {
                return new Range(number(text.substring(0, dots)), number(text.substring(dots + 2)));
            }
            long n = number(text);
            return new Range(n, n + 1);
        }

        String describe() {
            return (from == 0 ? "" : String.format(Locale.ROOT, ", work from %,d on", from))
                    + (to == Long.MAX_VALUE
                            ? ""
                            : String.format(Locale.ROOT, ", work below %,d", to));
        }

        private static long number(String text) {
            return text.startsWith("2^")
                    ? 1L << Integer.parseInt(text.substring(2))
                    : Long.parseLong(text);
        }
    }

    /** The table that comes with the library. */
    static ChoiceTable committed() {
        try (InputStream in = ChoiceTable.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("resource " + RESOURCE + " is missing");
            }
            return new ChoiceTable(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("resource " + RESOURCE + " cannot be read", e);
        }
    }

    /**
     * Reads a table.
     *
     * @throws IllegalArgumentException naming the line that cannot be read
     */
    ChoiceTable(String text) {
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            String content = line.replaceFirst("#.*", "").strip();
            if (content.isEmpty()) {
                continue;
            }
            try {
                lines.add(parse(content));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        RESOURCE + ", line " + number + " '" + content + "': " + e.getMessage(), e);
            }
        }
    }

    private static Line parse(String line) {
        String[] columns = line.split("\\s+");
        if (columns.length != COLUMNS) {
            throw new IllegalArgumentException(
                    "a line is op, kind, work, math, capability and choice");
        }
        Library choice = Library.valueOf(columns[5].toUpperCase(Locale.ROOT));
        for (Op op : ops(columns[0])) {
            if (!EnumSet.of(Library.OWN, op.family().library()).contains(choice)) {
                throw new IllegalArgumentException(choice.title() + " has no " + op.key());
            }
        }
        if (!KINDS.contains(columns[1]) || !Set.of("fp32", "tf32", ANY).contains(columns[3])) {
            throw new IllegalArgumentException("there is no such kind or arithmetic");
        }
        return new Line(
                columns[0],
                columns[1],
                Range.parse(columns[2]),
                columns[3],
                Range.parse(columns[4]),
                choice);
    }

    private static List<Op> ops(String column) {
        List<Op> all = new ArrayList<>();
        for (Op op : Op.values()) {
            if (op.key().equals(column)) {
                all.add(op);
            }
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("there is no operation " + column);
        }
        return all;
    }

    /** Who computes a task on a GPU of that compute capability (ten times major, and minor). */
    Library choice(Task task, int capability) {
        return lines.stream()
                .filter(line -> line.fits(task, capability))
                .findFirst()
                .map(Line::choice)
                .orElse(Library.OWN);
    }

    /** For people: what goes to a library on a GPU of that compute capability. */
    List<String> describe(int capability) {
        return lines.stream()
                .filter(line -> line.capability.contains(capability))
                .map(Line::describe)
                .toList();
    }
}
