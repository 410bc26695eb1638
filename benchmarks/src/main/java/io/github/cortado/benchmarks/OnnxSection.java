package io.github.cortado.benchmarks;

import io.github.cortado.benchmarks.Arguments.UsageException;
import io.github.cortado.benchmarks.Comparison.Row;
import io.github.cortado.benchmarks.nets.Network;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Inference beside ONNX Runtime by its Java API: {@link NetThroughput} and {@code
 * OnnxThroughput.java}, which has to find PyTorch's logits for the file that {@code onnx_file.py}
 * makes of the network. Its jar is no dependency of ours, but is named on the command line.
 */
record OnnxSection(Programs programs) implements Section {
    private static final String PEER = "ONNX Runtime";
    private static final String RATE = "items_per_second";

    /** Networks that {@code onnx_file.py} writes. */
    private static final List<Network> NETS = List.of(Network.RESNET18, Network.VGG11);

    /** Of the networks that {@code --net} names, those that can be written. */
    private List<Network> nets() {
        return NetSection.chosen(programs.options()).stream().filter(NETS::contains).toList();
    }

    private Path jar() {
        return Path.of(programs.options().text("onnxruntime"));
    }

    private Path file(Network net) {
        return Path.of(programs.options().text("out"), net.word() + ".onnx");
    }

    private String name(Network net, String whose) {
        return "onnx " + net.word() + " " + whose;
    }

    /**
     * Writes the networks.
     *
     * @throws UsageException where there is none, or no ONNX Runtime
     */
    @Override
    public void prepare(Measurements m) {
        if (!Files.isRegularFile(jar())) {
            throw new UsageException(
                    "--onnxruntime: '"
                            + jar()
                            + "' is no file; it is the jar com.microsoft.onnxruntime:onnxruntime,"
                            + " which mvn dependency:get brings");
        }
        if (nets().isEmpty()) {
            throw new UsageException("--net: onnx has resnet18 and vgg11 alone");
        }
        String batch = programs.options().text("batch");
        for (Network net : nets()) {
            String file = file(net).toString();
            programs.python("onnx_file.py", "--net", net.word(), "--batch", batch, file).text();
        }
    }

    @Override
    public void measure(Measurements m) {
        Arguments options = programs.options();
        for (Network net : nets()) {
            String[] words = NetSection.words(options, net, true);
            String[] ours = Programs.plus(words, "--device", options.text("device"));
            m.note(name(net, OURS), programs.java(NetThroughput.class, ours), RATE);
            m.note(name(net, PEER), theirs(file(net)), RATE);
        }
    }

    private Program theirs(Path model) {
        Arguments options = programs.options();
        String source = Path.of(options.text("scripts"), "OnnxThroughput.java").toString();
        List<String> words =
                List.of(
                        "--threads",
                        options.text("threads"),
                        "--steps",
                        options.text("steps"),
                        "--warmup",
                        options.text("warmup"),
                        model.toString());
        return Program.java(List.of(), jar().toString(), source, words);
    }

    @Override
    public List<Row> rows(Measurements m) {
        return nets().stream().map(net -> row(net, m)).toList();
    }

    private Row row(Network net, Measurements m) {
        return Row.rate(
                NetSection.what(programs.options(), net, true),
                "items/s",
                PEER,
                m.series(name(net, OURS)),
                m.series(name(net, PEER)),
                Double.NaN);
    }
}
