package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.Answer;
import io.github.cortado.benchmarks.Program;
import io.github.cortado.benchmarks.Series;
import io.github.cortado.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The reference program from its start to its last file, with its accuracy. */
final class ExampleSection implements Section {
    private static final String EXAMPLE = "io.github.cortado.example.cifar.Main";
    private static final String HEAP = "4g";
    private static final int EPOCHS = 30;

    /** The epochs whose accuracies are averaged, as in the results on the CPU. */
    private static final int LAST = 5;

    /**
     * Mean of three seeds in evaluation mode on the CPU, on the JPEG-recompressed pictures; see
     * docs/results/cpu.
     */
    private static final double ON_CPU = 0.7641;

    private static final double TOLERANCE = 0.015;
    private static final long LARGEST_COPY = 1 << 20;
    private static final Pattern TOOK = Pattern.compile("It took (?:(\\d+) min )?([\\d.]+) s");

    @Override
    public String name() {
        return "example";
    }

    @Override
    public String title() {
        return "`train --device cuda`, "
                + EPOCHS
                + " epochs, random transforms and validation included, fp32, on our own kernels; where"
                + " the libraries are, with them for all that they can do, too. *After start-up* is what the program says that"
                + " it took, from the opened device and data to the last file.";
    }

    @Override
    public int share() {
        return 60;
    }

    @Override
    public Optional<String> obstacle(Run run) {
        return run.machine().start().obstacle();
    }

    @Override
    public void run(Run run, Findings findings) {
        List<String> data = data(run, findings);
        if (data.isEmpty()) {
            return;
        }
        boolean comparable = data.contains(CifarArchive.RECOMPRESSED) && !run.isSmall();
        Table table =
                new Table(
                        "",
                        "epochs",
                        "accuracy, last epochs",
                        "after start-up, s",
                        "start-up, s",
                        "training an epoch, ms");
        List<String> words = new ArrayList<>();
        Setup own = Setup.own(run.options().libraries());
        train(run, own, "example", data, comparable, table, words, findings);
        run.machine()
                .libraries()
                .ifThere(
                        l ->
                                train(
                                        run,
                                        l.forced(),
                                        "example-libraries",
                                        data,
                                        comparable,
                                        table,
                                        words,
                                        findings));
        findings.summary(String.join("; ", words));
    }

    /** The example's options for its pictures; empty where they cannot be had. */
    private static List<String> data(Run run, Findings findings) {
        Optional<Path> given = run.options().data();
        if (given.isEmpty()) {
            findings.note("CIFAR-10: no --data; the example draws its own pictures");
            return List.of("--dataset", "synthetic");
        }
        if (run.isSmall()) {
            findings.note("CIFAR-10: too large to rehearse with; the pictures are drawn");
            return List.of("--dataset", "synthetic");
        }
        Path target = run.work().resolve("cifar10");
        Setup own = Setup.own("");
        Program unpack =
                run.java(
                        own,
                        HEAP,
                        CifarArchive.class.getName(),
                        given.get().toAbsolutePath().toString(),
                        target.toString());
        Optional<Map<?, ?>> answer = run.answer("data", own, unpack, findings);
        if (answer.isEmpty()) {
            return List.of();
        }
        findings.put("data", answer.get());
        return List.of(
                "--dataset",
                "cifar10",
                "--data-dir",
                String.valueOf(answer.get().get("directory")),
                "--data-name",
                String.valueOf(answer.get().get("name")));
    }

    private static void train(
            Run run,
            Setup setup,
            String name,
            List<String> data,
            boolean comparable,
            Table table,
            List<String> words,
            Findings findings) {
        if (run.left() <= 0) {
            findings.cutOff(name + " was not run: no time was left");
            return;
        }
        Path made = run.work().resolve(name);
        List<String> arguments = new ArrayList<>(List.of("train", "--device", run.device()));
        arguments.addAll(List.of("--out", made.toString()));
        arguments.addAll(data);
        int epochs = run.isSmall() ? 2 : EPOCHS;
        arguments.addAll(List.of("--epochs", "" + epochs));
        if (run.isSmall()) {
            arguments.addAll(List.of("--limit-train", "4", "--limit-valid", "4"));
            arguments.addAll(List.of("--batch-size", "2"));
        }
        Program program = run.java(setup, HEAP, EXAMPLE, arguments.toArray(String[]::new));
        Child child = run.run(name, setup, program, run.left());
        copy(made, run.logs().resolve(name), findings);
        Path history = made.resolve("history.json");
        boolean partly = !child.isGood() && Files.exists(history);
        if (!child.isGood()) {
            String what = name + ": " + child.failure() + (partly ? Run.PARTLY : "");
            if (child.cutOff()) {
                findings.cutOff(what);
            } else {
                findings.fault(what);
            }
        }
        if (child.isGood() || partly) {
            Result result = Result.of(history, child);
            report(setup, name, child, result, table, words, findings);
            if (child.isGood()) {
                judge(name, result, epochs, comparable, findings);
            }
        }
    }

    private static void report(
            Setup setup,
            String name,
            Child child,
            Result result,
            Table table,
            List<String> words,
            Findings findings) {
        String title = setup.title() + (child.isGood() ? "" : ", not finished");
        table.row(
                title,
                result.epochs,
                Table.number(100 * result.accuracy, 2) + " %",
                child.isGood() ? Table.number(result.seconds, 2) : "",
                child.isGood() ? Table.number(child.seconds() - result.seconds, 2) : "",
                Table.number(1e3 * result.epochSeconds, 1));
        words.add(
                String.format(
                        Locale.ROOT,
                        "%s: %.2f %% after %d epochs in %.1f s",
                        title,
                        100 * result.accuracy,
                        result.epochs,
                        child.isGood() ? result.seconds : child.seconds()));
        findings.text("runs", table.markdown());
        findings.put(name, result.json(child));
    }

    private static void judge(
            String name, Result result, int epochs, boolean comparable, Findings findings) {
        if (result.epochs != epochs) {
            findings.fault(name + ": " + result.epochs + " epochs, not " + epochs);
        }
        if (comparable && Math.abs(result.accuracy - ON_CPU) > TOLERANCE) {
            findings.fault(
                    String.format(
                            Locale.ROOT,
                            "%s: accuracy %.2f %%, on the CPU it is %.2f %%",
                            name,
                            100 * result.accuracy,
                            100 * ON_CPU));
        }
    }

    /**
     * What a run came to.
     *
     * @param accuracy in evaluation mode, mean of the last epochs
     * @param seconds as the program says
     * @param epochSeconds of training, the median of all epochs but the first
     */
    private record Result(int epochs, double accuracy, double seconds, double epochSeconds) {
        static Result of(Path history, Child child) {
            List<Double> accuracies = new ArrayList<>();
            List<Double> seconds = new ArrayList<>();
            try {
                for (Object epoch : (List<?>) Json.load(history)) {
                    Map<?, ?> e = (Map<?, ?>) epoch;
                    accuracies.add(Answer.number(e, "valid_accuracy"));
                    seconds.add(Answer.number(e, "seconds"));
                }
            } catch (IOException e) {
                throw new IllegalStateException("the example's history cannot be read: " + e, e);
            }
            List<Double> last =
                    accuracies.subList(Math.max(0, accuracies.size() - LAST), accuracies.size());
            double mean = last.stream().mapToDouble(a -> a).average().orElse(Double.NaN);
            Matcher m = TOOK.matcher(child.text());
            double took = Double.NaN;
            while (m.find()) {
                double minutes = m.group(1) == null ? 0 : Double.parseDouble(m.group(1));
                took = 60 * minutes + Double.parseDouble(m.group(2));
            }
            List<Double> later = seconds.size() > 1 ? seconds.subList(1, seconds.size()) : seconds;
            return new Result(accuracies.size(), mean, took, Series.median(later));
        }

        Map<String, Object> json(Child child) {
            return Map.of(
                    "epochs", epochs,
                    "accuracy", accuracy,
                    "seconds_after_start_up", seconds,
                    "start_up_seconds", child.seconds() - seconds,
                    "median_epoch_seconds", epochSeconds);
        }
    }

    /** Copies what is small enough for a report: not the weights. */
    private static void copy(Path from, Path to, Findings findings) {
        try {
            if (!Files.isDirectory(from)) {
                return;
            }
            Files.createDirectories(to);
            List<Path> files;
            try (var all = Files.list(from)) {
                files = all.sorted().toList();
            }
            for (Path file : files) {
                if (Files.size(file) <= LARGEST_COPY) {
                    Files.copy(
                            file,
                            to.resolve(file.getFileName()),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            findings.fault("the example's files cannot be copied: " + e);
        }
    }
}
