package io.github.cortado.benchmarks;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Command-line options of the plain programs: {@code --name value}, or {@code --name} alone for a
 * switch. The defaults given are also the list of what is allowed.
 */
public final class Arguments {
    /** Thrown for a command line that cannot be understood; the message is for its author. */
    public static final class UsageException extends IllegalArgumentException {
        /** With the words for whoever typed the command line. */
        public UsageException(String message) {
            super(message);
        }
    }

    private final Map<String, String> values;

    private Arguments(Map<String, String> values) {
        this.values = values;
    }

    /**
     * A program's {@code main}: runs it with what the line says, on {@code --threads} threads,
     * prints its answer, and ends Java: with 0, or with 2 and a word for a line that it cannot
     * understand.
     */
    static void main(
            Class<?> program,
            String[] line,
            Map<String, String> defaults,
            Function<Arguments, String> run) {
        int code = 2;
        try {
            Arguments a = parse(List.of(line), defaults);
            // Read once, by the first device that opens.
            System.setProperty("cortado.threads", a.text("threads"));
            System.out.println(run.apply(a));
            code = 0;
        } catch (UsageException e) {
            System.err.println(program.getSimpleName() + ": " + e.getMessage());
        }
        System.exit(code);
    }

    /**
     * Reads a command line.
     *
     * @param defaults name without dashes to default; a switch has the default "false"
     * @throws UsageException for an option that is unknown or lacks its value
     */
    public static Arguments parse(List<String> line, Map<String, String> defaults) {
        Map<String, String> values = new LinkedHashMap<>(defaults);
        for (int i = 0; i < line.size(); i++) {
            String option = line.get(i);
            String name = option.startsWith("--") ? option.substring(2) : "";
            String byDefault = defaults.get(name);
            if (byDefault == null) {
                throw new UsageException(
                        "unknown option '" + option + "'; there are " + usage(defaults));
            }
            if (byDefault.equals("false")) {
                values.put(name, "true");
            } else if (++i < line.size()) {
                values.put(name, line.get(i));
            } else {
                throw new UsageException("option " + option + " needs a value");
            }
        }
        return new Arguments(values);
    }

    private static String usage(Map<String, String> defaults) {
        StringBuilder s = new StringBuilder();
        defaults.forEach(
                (name, value) ->
                        s.append(s.length() == 0 ? "--" : ", --")
                                .append(name)
                                .append(value.equals("false") ? "" : " (" + value + ")"));
        return s.toString();
    }

    /** The text of every option. */
    public Map<String, String> values() {
        return Collections.unmodifiableMap(values);
    }

    /** The text of an option. */
    public String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new AssertionError("no option " + name + " was declared");
        }
        return value;
    }

    /**
     * The number of an option.
     *
     * @throws UsageException unless it is a whole number from 1 up
     */
    public int count(String name) {
        return number(name, 1);
    }

    /**
     * The number of an option.
     *
     * @throws UsageException unless it is a whole number from {@code least} up
     */
    public int number(String name, int least) {
        String value = text(name);
        try {
            int number = Integer.parseInt(value);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, in the words of the command line.
        }
        throw new UsageException(
                String.format(
                        Locale.ROOT,
                        "--%s must be a whole number from %d up, got %s",
                        name,
                        least,
                        value));
    }

    /**
     * The word of an option.
     *
     * @throws UsageException unless it is one of these
     */
    public String oneOf(String name, String... words) {
        String value = text(name);
        if (!List.of(words).contains(value)) {
            throw new UsageException(
                    "--" + name + " must be " + String.join(" or ", words) + ", got " + value);
        }
        return value;
    }

    /** Whether a switch was given. */
    public boolean on(String name) {
        return text(name).equals("true");
    }
}
