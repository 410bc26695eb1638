package io.github.cortado.cuda;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A fault that tests must find: kernels with one change in their source or in a header.
 *
 * <p>The tables are in {@code src/test/emulator/mutants}, a file for each source:
 *
 * <pre>
 * sum_rows max_rows: what is wrong with each of these kernels
 * - the text that is replaced
 * + what it is replaced by, which may be nothing
 * </pre>
 *
 * The text is looked for in the kernel itself if there is one, then in the whole source, then in
 * the headers that it includes, and must be there once. White space counts for nothing, lines may
 * be put together.
 */
record Mutant(
        String source, String title, List<Kernel> kernels, String search, String replacement) {
    /** The mutants of a source, in the order of their table; none where there is no table. */
    static List<Mutant> of(String source) {
        Path table = EmulatedDriver.sources().resolve("mutants").resolve(source + ".txt");
        if (!Files.exists(table)) {
            return List.of();
        }
        List<Mutant> mutants = new ArrayList<>();
        for (String block : KernelSources.text(table).split("\n\\s*\n")) {
            List<String> lines = block.lines().filter(l -> !l.startsWith("#")).toList();
            if (!lines.isEmpty()) {
                mutants.add(parse(source, lines));
            }
        }
        return mutants;
    }

    private static Mutant parse(String source, List<String> lines) {
        String[] head = lines.get(0).split(": ", 2);
        if (head.length < 2) {
            throw new AssertionError(source + ".txt: no kernel is named: " + lines.get(0));
        }
        List<Kernel> kernels =
                Arrays.stream(head[0].split(" "))
                        .map(k -> Kernel.valueOf(k.toUpperCase(Locale.ROOT)))
                        .toList();
        return new Mutant(source, head[1], kernels, after("-", lines), after("+", lines));
    }

    private static String after(String sign, List<String> lines) {
        return lines.stream()
                .filter(l -> l.startsWith(sign))
                .map(l -> l.substring(1).strip())
                .collect(Collectors.joining(" "));
    }

    /** Where the text is that is replaced: a file's name, its text, and the range in it. */
    record Place(String file, String text, int start, int end) {}

    /**
     * Looks for the text.
     *
     * @throws AssertionError if it is not there once
     */
    Place place() {
        String text = KernelSources.text(KernelSources.file(source));
        if (kernels.size() == 1) {
            int[] range = KernelSources.range(text, kernels.get(0).function());
            List<Place> own = in(source + ".cu", text, range[0], range[1]);
            if (!own.isEmpty()) {
                return only(own);
            }
        }
        List<Place> places = in(source + ".cu", text, 0, text.length());
        if (places.isEmpty()) {
            for (String header : KernelSources.included(text)) {
                String h = KernelSources.text(KernelSources.directory().resolve(header));
                places.addAll(in(header, h, 0, h.length()));
            }
        }
        return only(places);
    }

    private List<Place> in(String file, String text, int from, int to) {
        String words =
                Arrays.stream(search.split("\\s+"))
                        .map(Pattern::quote)
                        .collect(Collectors.joining("\\s+"));
        Matcher m = Pattern.compile(words).matcher(text).region(from, to);
        List<Place> places = new ArrayList<>();
        while (m.find()) {
            places.add(new Place(file, text, m.start(), m.end()));
        }
        return places;
    }

    private Place only(List<Place> places) {
        if (places.size() != 1) {
            throw new AssertionError(
                    this + ": its text is there " + places.size() + " times: " + search);
        }
        return places.get(0);
    }

    /** The source and its headers with the fault. */
    EmulatedDriver.Changed changed() {
        Place p = place();
        String text = p.text.substring(0, p.start) + replacement + p.text.substring(p.end);
        Map<String, String> headers = EmulatedDriver.originalHeaders();
        String own = KernelSources.text(KernelSources.file(source));
        if (headers.replace(p.file, text) == null) {
            own = text;
        }
        return new EmulatedDriver.Changed(source, own, headers, kernels);
    }

    @Override
    public String toString() {
        return source + ".cu, " + title;
    }
}
