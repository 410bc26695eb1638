package io.github.cortado.benchmarks;

import io.github.cortado.benchmarks.Arguments.UsageException;
import io.github.cortado.benchmarks.Comparison.Row;
import io.github.cortado.benchmarks.nets.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Whole networks, as {@link NetThroughput} and {@code nets_torch.py} run them. Before anything is
 * timed, each has to be the same network on both sides. Of PyTorch's memory layouts the faster one
 * counts.
 */
record NetSection(Programs programs, boolean infer) implements Section {
    private static final String SCRIPT = "nets_torch.py";

    /**
     * Of the options of a comparison.
     *
     * @throws UsageException for a network that there is not
     */
    NetSection {
        chosen(programs.options());
    }

    /**
     * The networks that {@code --net} names, in its order.
     *
     * @throws UsageException for a name that there is not
     */
    static List<Network> chosen(Arguments options) {
        List<Network> nets = new ArrayList<>();
        for (String word : options.text("net").split(",")) {
            if (!List.of(Network.words()).contains(word)) {
                throw new UsageException(
                        "--net: no network '"
                                + word
                                + "'; there are "
                                + String.join(", ", Network.words()));
            }
            nets.add(Network.of(word));
        }
        return nets;
    }

    /** Options of either program. */
    static String[] words(Arguments options, Network net, boolean infer) {
        List<String> words = new ArrayList<>(List.of("--net", net.word()));
        for (String name : List.of("batch", "steps", "warmup")) {
            words.addAll(List.of("--" + name, options.text(name)));
        }
        if (infer) {
            words.add("--infer");
        }
        return words.toArray(String[]::new);
    }

    /** What is measured, for the table. */
    static String what(Arguments options, Network net, boolean infer) {
        return net.word()
                + (infer ? " inference" : " training")
                + ", batch "
                + options.text("batch");
    }

    private static List<String> formats(Network net) {
        return net.hasConvolutions() ? List.of("nchw", "nhwc") : List.of("nchw");
    }

    private String name(Network net, String whose) {
        return net.word() + (infer ? " inference " : " training ") + whose;
    }

    @Override
    public void prepare(Measurements m) {
        Path file = null;
        try {
            file = Files.createTempFile("cortado-losses", ".safetensors");
            for (Network net : chosen(programs.options())) {
                check(net, file, m);
            }
        } catch (IOException e) {
            throw new Program.FailedException("no file for losses: " + e);
        } finally {
            Program.delete(file);
        }
    }

    private void check(Network net, Path file, Measurements m) {
        String name = "losses of " + net.word();
        if (m.details().containsKey(name)) {
            return;
        }
        String[] words = {"--net", net.word(), "--losses", file.toString()};
        programs.python(SCRIPT, words).json();
        String device = programs.options().text("device");
        Program ours = programs.java(NetThroughput.class, Programs.plus(words, "--device", device));
        m.detail(name, ours, ours.json());
    }

    @Override
    public void measure(Measurements m) {
        Arguments options = programs.options();
        for (Network net : chosen(options)) {
            String[] words = words(options, net, infer);
            m.note(
                    name(net, OURS),
                    programs.java(
                            NetThroughput.class,
                            Programs.plus(words, "--device", options.text("device"))),
                    "items_per_second");
            for (String format : formats(net)) {
                m.note(
                        name(net, format),
                        programs.python(SCRIPT, Programs.plus(words, "--format", format)),
                        "items_per_second");
            }
        }
    }

    @Override
    public List<Row> rows(Measurements m) {
        List<Row> rows = new ArrayList<>();
        for (Network net : chosen(programs.options())) {
            String fastest =
                    formats(net).stream()
                            .max(Comparator.comparingDouble(f -> m.series(name(net, f)).median()))
                            .orElseThrow();
            rows.add(
                    Row.rate(
                            what(programs.options(), net, infer),
                            "items/s",
                            "PyTorch " + fastest,
                            m.series(name(net, OURS)),
                            m.series(name(net, fastest)),
                            Double.NaN));
        }
        return rows;
    }

    /** Defaults of the options that networks add to a comparison. */
    static Map<String, String> defaults() {
        return Map.of(
                "net",
                String.join(",", Network.words()),
                "batch",
                "32",
                "steps",
                "20",
                "warmup",
                "6");
    }
}
