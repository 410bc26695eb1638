package io.github.cortado.benchmarks;

import io.github.cortado.benchmarks.Comparison.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A part of {@link Compare}: what is run in every round, and the rows that come of it. */
interface Section {
    /** What has to be so before anything is timed. */
    default void prepare(Measurements m) {}

    /** Whether it measures PyTorch too. */
    default boolean hasPeer() {
        return true;
    }

    /** Runs each program once. */
    void measure(Measurements m);

    /** The rows of the table. */
    List<Row> rows(Measurements m);

    /** Ours, in names of figures. */
    String OURS = "Cortado";

    /** The sections by the names that {@code --what} takes. */
    static Map<String, Section> all(Arguments options) {
        Programs programs = new Programs(options);
        Map<String, Section> all = new LinkedHashMap<>();
        all.put("training", new Training(programs));
        all.put("inference", new Inference(programs));
        all.put("gemm", new Gemm(programs));
        all.put("layers", new Layers(programs));
        all.put("operations", new OperationSections.BesidePyTorch(programs));
        all.put("orders", new OperationSections.InCompany(programs));
        all.put("epoch", new WholeEpoch(programs));
        all.put("nets", new NetSection(programs, false));
        all.put("nets-inference", new NetSection(programs, true));
        all.put("onnx", new OnnxSection(programs));
        all.put("generation", new GenerationSection(programs));
        return all;
    }

    /** The command lines of both sides. */
    record Programs(Arguments options) {
        Program java(Class<?> main, String... more) {
            return Program.java(main, words("threads", more));
        }

        Program python(String script, String... more) {
            Path file = Path.of(options.text("scripts"), script);
            return Program.python(options.text("python"), file, words("threads", more));
        }

        private String[] words(String name, String... more) {
            List<String> words = new ArrayList<>(List.of("--" + name, options.text(name)));
            words.addAll(List.of(more));
            return words.toArray(String[]::new);
        }

        Program ourLeNet(String... more) {
            return java(LeNetThroughput.class, lenet("--device", options.text("device"), more));
        }

        Program theirLeNet(String format, String mode, String... more) {
            return python("lenet_torch.py", lenet("--format", format, plus(more, "--mode", mode)));
        }

        private String[] lenet(String name, String value, String... more) {
            return plus(more, name, value, "--reps", options.text("reps"));
        }

        static String[] plus(String[] words, String... more) {
            List<String> all = new ArrayList<>(List.of(words));
            all.addAll(List.of(more));
            return all.toArray(String[]::new);
        }
    }

    /** LeNet's training step. */
    record Training(Programs programs) implements Section {
        private static final List<String> FORMATS = List.of("nchw", "nhwc");

        @Override
        public void measure(Measurements m) {
            String images = programs.options.text("images");
            m.note(
                    "training " + OURS,
                    programs.ourLeNet("--images", images, "--mode", "graph"),
                    "median");
            for (String format : FORMATS) {
                m.note(
                        "training PyTorch " + format,
                        programs.theirLeNet(format, "eager", "--images", images),
                        "median");
            }
        }

        @Override
        public List<Row> rows(Measurements m) {
            List<Row> rows = new ArrayList<>();
            for (String format : FORMATS) {
                rows.add(
                        Row.rate(
                                "LeNet training, batch 100",
                                "pictures/s",
                                "PyTorch " + format,
                                m.series("training " + OURS),
                                m.series("training PyTorch " + format),
                                LeNetCost.training() / 1e9));
            }
            return rows;
        }
    }

    /** LeNet forward, in evaluation mode and without gradients. */
    record Inference(Programs programs) implements Section {
        private static final List<String> SIZES = List.of("100", "1");

        /** Pictures a repetition, by size of the batch. */
        static String images(String batch) {
            return batch.equals("1") ? "2000" : "20000";
        }

        private static List<String> peers(String batch) {
            return batch.equals("1")
                    ? List.of("nchw eager", "nhwc eager")
                    : List.of("nchw eager", "nhwc eager", "nchw compile");
        }

        @Override
        public void measure(Measurements m) {
            for (String batch : SIZES) {
                String[] common = {"--infer", "--batch", batch, "--images", images(batch)};
                m.note(
                        "inference of " + batch + " " + OURS,
                        programs.ourLeNet(Programs.plus(common, "--mode", "graph")),
                        "median");
                for (String peer : peers(batch)) {
                    String[] words = peer.split(" ");
                    m.note(
                            "inference of " + batch + " PyTorch " + peer,
                            programs.theirLeNet(words[0], words[1], common),
                            "median");
                }
            }
        }

        @Override
        public List<Row> rows(Measurements m) {
            List<Row> rows = new ArrayList<>();
            for (String batch : SIZES) {
                for (String peer : peers(batch)) {
                    rows.add(
                            Row.rate(
                                    "LeNet inference, batch " + batch,
                                    "pictures/s",
                                    "PyTorch " + peer,
                                    m.series("inference of " + batch + " " + OURS),
                                    m.series("inference of " + batch + " PyTorch " + peer),
                                    LeNetCost.forward() / 1e9));
                }
            }
            return rows;
        }
    }

    /** Products of square matrices. */
    record Gemm(Programs programs) implements Section {
        private List<String> sizes() {
            return List.of(programs.options.text("gemm").split(","));
        }

        @Override
        public void measure(Measurements m) {
            for (String size : sizes()) {
                m.note(
                        "product of " + size + " " + OURS,
                        programs.java(
                                GemmThroughput.class,
                                "--device",
                                programs.options.text("device"),
                                "--size",
                                size),
                        "median");
                m.note(
                        "product of " + size + " PyTorch",
                        programs.python("gemm_torch.py", "--size", size),
                        "median");
            }
        }

        @Override
        public List<Row> rows(Measurements m) {
            List<Row> rows = new ArrayList<>();
            for (String size : sizes()) {
                rows.add(
                        Row.rate(
                                "matmul " + size + "^3",
                                "GFLOP/s",
                                "PyTorch",
                                m.series("product of " + size + " " + OURS),
                                m.series("product of " + size + " PyTorch"),
                                1));
            }
            return rows;
        }
    }

    /** Single layers; see {@link LayerTimes}. */
    record Layers(Programs programs) implements Section {
        /** Milliseconds by layer and direction, in the order in which they were measured. */
        static Map<String, Double> times(Map<?, ?> answer) {
            return times(answer, "milliseconds");
        }

        /** The same of another field of the answer. */
        static Map<String, Double> times(Map<?, ?> answer, String field) {
            Map<String, Double> times = new LinkedHashMap<>();
            if (answer.get(field) instanceof Map<?, ?> layers) {
                layers.forEach((name, ms) -> times.put((String) name, ((Number) ms).doubleValue()));
            }
            return times;
        }

        @Override
        public void measure(Measurements m) {
            String device = programs.options.text("device");
            // Other devices replay a step as a whole, without a time for each direction.
            String mode = device.startsWith("cpu") ? "graph" : "eager";
            m.noteAll(
                    OURS + " ",
                    programs.java(LayerTimes.class, "--device", device, "--mode", mode),
                    Layers::times);
            m.noteAll("PyTorch ", programs.python("layers_torch.py"), Layers::times);
        }

        @Override
        public List<Row> rows(Measurements m) {
            List<Row> rows = new ArrayList<>();
            for (LayerTimes.Entry layer : LayerTimes.entries()) {
                for (String direction : LayerTimes.DIRECTIONS) {
                    String name = layer.name() + ", " + direction;
                    rows.add(
                            Row.time(
                                    name,
                                    "ms",
                                    "PyTorch",
                                    m.series(OURS + " " + name),
                                    m.series("PyTorch " + name)));
                }
            }
            return rows;
        }
    }

    /**
     * An epoch of the CIFAR-10 example, transforms and validation included, against the time that
     * PyTorch needs for as many training pictures alone.
     */
    record WholeEpoch(Programs programs) implements Section {
        private static final int TRAINING_PICTURES = 50_000;

        @Override
        public void measure(Measurements m) {
            if (!m.hasFigures("epoch " + OURS)) {
                m.add("epoch " + OURS, ExampleEpoch.seconds(programs.options));
            }
            for (String format : Training.FORMATS) {
                m.noteAll(
                        "epoch PyTorch " + format,
                        programs.theirLeNet(
                                format, "eager", "--images", Integer.toString(TRAINING_PICTURES)),
                        answer -> Map.of("", TRAINING_PICTURES / Answer.number(answer, "median")));
            }
        }

        @Override
        public List<Row> rows(Measurements m) {
            List<Row> rows = new ArrayList<>();
            for (String format : Training.FORMATS) {
                rows.add(
                        Row.time(
                                "epoch of the example; the peer: its training pictures alone",
                                "s",
                                "PyTorch " + format,
                                m.series("epoch " + OURS),
                                m.series("epoch PyTorch " + format)));
            }
            return rows;
        }
    }
}
