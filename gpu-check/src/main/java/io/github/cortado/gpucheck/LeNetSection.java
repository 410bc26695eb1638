package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.LeNetThroughput;
import io.github.cortado.benchmarks.Program;
import io.github.cortado.benchmarks.Series;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Training epochs of LeNet, 500 steps of 100 pictures that lie on the GPU, here and in PyTorch. In
 * every round each program runs once, in a fresh process, in turn: A B A B.
 */
final class LeNetSection implements Section {
    private static final int BATCH = 100;
    private static final int STEPS = 500;
    private static final int MOST_ROUNDS = 5;
    private static final String PEER = "lenet_torch.py";
    private static final String COMPILE = "compile";

    /** An epoch's pictures are 600 MB, which lie there twice on their way to the GPU. */
    private static final String HEAP = "4g";

    /**
     * torch.compile's own compilation takes most of a minute; it is done once, after two rounds.
     */
    private static final int ROUNDS_BEFORE_COMPILE = 2;

    /** A program of a round. */
    record Contender(
            String who, String mode, String precision, Setup setup, Supplier<Program> program) {
        String title() {
            return who + ", " + mode + ", " + precision;
        }

        String log(int round) {
            return "lenet-" + title().replaceAll("[^A-Za-z0-9]+", "-") + "-" + round;
        }

        boolean isPeer() {
            return who.equals("PyTorch");
        }

        /** Whether it is run in one round only. */
        boolean isOnce() {
            return mode.equals(COMPILE);
        }
    }

    private final Map<Contender, List<Double>> rates = new LinkedHashMap<>();
    private final Map<String, Object> answers = new LinkedHashMap<>();

    @Override
    public String name() {
        return "lenet";
    }

    @Override
    public String title() {
        return "Training LeNet, forward with dropout, cross-entropy, backward and Adam, "
                + STEPS
                + " steps of "
                + BATCH
                + " pictures in an epoch. *graph*: the whole step is one CUDA graph, in PyTorch with"
                + " fused Adam. *own kernels* need the driver only; *libraries, forced* compute all that"
                + " they can, for by the committed table nothing of this step is theirs; *tuned*"
                + " chooses by what it measures. A fresh process of each in every round, in"
                + " turn; milliseconds are medians of all rounds' repetitions.";
    }

    @Override
    public int share() {
        return 165;
    }

    @Override
    public Optional<String> obstacle(Run run) {
        return run.machine().start().obstacle();
    }

    @Override
    public void run(Run run, Findings findings) {
        List<Contender> all = new ArrayList<>();
        precisions(run, findings).forEach(precision -> all.addAll(contenders(run, precision)));
        List<Contender> eachRound = all.stream().filter(c -> !c.isOnce()).toList();
        List<Contender> once = new ArrayList<>(all.stream().filter(Contender::isOnce).toList());
        run.machine().peer().obstacle().ifPresent(why -> findings.note("PyTorch: " + why));
        run.machine().libraries().obstacle().ifPresent(why -> findings.note("libraries: " + why));
        if (run.isSmall()) {
            findings.note(Findings.REHEARSED);
        }
        for (int round = 1; round <= (run.isSmall() ? 1 : MOST_ROUNDS); round++) {
            double before = run.left();
            boolean whole = round(run, eachRound, round, findings);
            double took = before - run.left();
            if (round == ROUNDS_BEFORE_COMPILE) {
                round(run, once, round, findings);
                once.clear();
            }
            findings.put("rounds", round);
            if (!whole || run.left() < took) {
                break;
            }
        }
        once.forEach(c -> findings.note(c.title() + ": no time was left for it"));
    }

    private static List<String> precisions(Run run, Findings findings) {
        if (run.machine().hasTf32() && !run.isSmall()) {
            return List.of("TF32", "fp32");
        }
        findings.note(
                run.machine().hasTf32()
                        ? "TF32: a step takes too long on the emulated driver"
                        : "TF32: this device has none");
        return List.of("fp32");
    }

    /** What there is to compare; no two are the same program. */
    static List<Contender> contenders(Run run, String precision) {
        List<Contender> all = new ArrayList<>();
        Setup own = Setup.own(run.options().libraries());
        all.add(ours(run, own, "graph", precision));
        // Only a GPU has graphs; and what PyTorch compiles for a CPU is nothing to compare with.
        Optional<Peer> peer = run.machine().peer().it();
        Optional<Peer> onGpu = peer.filter(Peer::hasGpu);
        onGpu.ifPresent(p -> all.add(peer(run, p, "graph", precision)));
        run.machine()
                .libraries()
                .ifThere(
                        l -> {
                            all.add(ours(run, l.forced(), "graph", precision));
                            all.add(ours(run, l.tuned(run), "graph", precision));
                        });
        all.add(ours(run, own, "eager", precision));
        peer.ifPresent(p -> all.add(peer(run, p, "eager", precision)));
        onGpu.ifPresent(p -> all.add(peer(run, p, COMPILE, precision)));
        return all;
    }

    private static Contender ours(Run run, Setup setup, String mode, String precision) {
        List<String> words = new ArrayList<>(List.of("--device", run.device(), "--mode", mode));
        words.addAll(
                run.isSmall()
                        ? List.of("--batch", "1", "--images", "2", "--reps", "1", "--warmup", "1")
                        : List.of(
                                "--images",
                                "" + STEPS * BATCH,
                                "--reps",
                                "5",
                                "--warmup",
                                "100000"));
        if (precision.equals("TF32")) {
            words.add("--tf32");
        }
        return new Contender(
                setup.title(),
                mode,
                precision,
                setup,
                () ->
                        run.java(
                                setup,
                                HEAP,
                                LeNetThroughput.class.getName(),
                                words.toArray(String[]::new)));
    }

    private static Contender peer(Run run, Peer peer, String mode, String precision) {
        List<String> words = new ArrayList<>(List.of("--device", run.device(), "--mode", mode));
        words.addAll(
                run.isSmall()
                        ? List.of("--batch", "2", "--images", "4", "--reps", "1")
                        : List.of("--images", "" + STEPS * BATCH, "--reps", "5"));
        if (precision.equals("TF32")) {
            words.add("--tf32");
        }
        return new Contender(
                "PyTorch",
                mode,
                precision,
                Setup.own(""),
                () ->
                        Program.python(
                                peer.python(),
                                run.place().peer(PEER),
                                words.toArray(String[]::new)));
    }

    /** Runs each of them once; false if there was not enough time for that. */
    private boolean round(Run run, List<Contender> contenders, int round, Findings findings) {
        for (Contender c : contenders) {
            if (run.left() <= 0) {
                findings.cutOff("round " + round + " ended before " + c.title());
                return false;
            }
            if (c.isPeer()) {
                peer(run, c, round, findings);
            } else {
                run.answer(c.log(round), c.setup, c.program.get(), findings)
                        .ifPresent(answer -> note(c, answer, findings));
            }
        }
        return true;
    }

    /** A peer that fails is no fault of ours, and said. */
    private void peer(Run run, Contender c, int round, Findings findings) {
        Child child = run.run(c.log(round), c.setup, c.program.get(), run.left());
        if (child.whole().isPresent()) {
            note(c, child.whole().get(), findings);
            return;
        }
        String partly = child.partial().map(line -> Run.PARTLY).orElse("");
        if (child.cutOff()) {
            findings.cutOff(c.title() + ": " + child.failure() + partly);
        } else {
            findings.note(c.title() + ": " + child.failure() + partly);
        }
        child.partial().ifPresent(answer -> note(c, answer, findings));
    }

    /** Adds an answer, and says anew what there is by now. */
    private void note(Contender c, Map<?, ?> answer, Findings findings) {
        if (answer.get("images_per_second") instanceof List<?> all) {
            for (Object rate : all) {
                // Rates are whole numbers; one of 0 is of an emulated step, and says nothing.
                if (rate instanceof Number r && r.doubleValue() > 0) {
                    rates.computeIfAbsent(c, k -> new ArrayList<>()).add(r.doubleValue());
                }
            }
        }
        answers.put(c.title(), answer);
        report(findings);
    }

    private static double milliseconds(double picturesPerSecond) {
        return 1e3 * STEPS * BATCH / picturesPerSecond;
    }

    private void report(Findings findings) {
        Table table = new Table("program", "ms an epoch", "fastest", "slowest", "pictures/s", "n");
        Map<String, Object> data = new LinkedHashMap<>();
        rates.forEach(
                (c, all) -> {
                    Series series = new Series(all);
                    table.row(
                            c.title(),
                            Table.number(milliseconds(series.median()), 1),
                            Table.number(milliseconds(series.max()), 1),
                            Table.number(milliseconds(series.min()), 1),
                            Table.number(series.median(), 0),
                            all.size());
                    Map<String, Object> one = new LinkedHashMap<>();
                    one.put("milliseconds", milliseconds(series.median()));
                    one.put("images_per_second", all);
                    one.put("last_answer", answers.get(c.title()));
                    data.put(c.title(), one);
                });
        findings.put("programs", data);
        if (!rates.isEmpty()) {
            findings.text("times", table.markdown());
        }
        ratios(findings);
    }

    /** Each of our programs' speed divided by each of PyTorch's in the same precision. */
    private void ratios(Findings findings) {
        Table table = new Table("our speed / PyTorch's", "its graph", "its compile", "its eager");
        Map<String, Object> data = new LinkedHashMap<>();
        boolean any = false;
        List<String> words = new ArrayList<>();
        for (Map.Entry<Contender, List<Double>> entry : rates.entrySet()) {
            Contender ours = entry.getKey();
            if (ours.isPeer()) {
                continue;
            }
            double median = Series.median(entry.getValue());
            List<Object> row = new ArrayList<>(List.of(ours.title()));
            for (String mode : List.of("graph", "compile", "eager")) {
                Optional<Double> ratio = ratio(ours, median, mode);
                row.add(ratio.map(r -> Table.number(r, 2)).orElse(""));
                ratio.ifPresent(r -> data.put(ours.title() + " / PyTorch " + mode, r));
                any |= ratio.isPresent();
            }
            table.row(row.toArray());
            if (ours.mode.equals("graph")) {
                double ms = milliseconds(median);
                words.add(ours.title() + " " + Table.number(ms, 1) + " ms");
            }
        }
        withoutLibraries(findings);
        if (any) {
            findings.text("ratios", table.markdown());
            findings.put("ratios", data);
        }
        findings.summary(String.join("; ", words));
    }

    /** How much longer an epoch is on the driver alone than with the libraries at their best. */
    private void withoutLibraries(Findings findings) {
        List<String> lines = new ArrayList<>();
        Map<String, Object> data = new LinkedHashMap<>();
        for (String precision : List.of("TF32", "fp32")) {
            Map<Boolean, Double> best = new LinkedHashMap<>();
            rates.forEach(
                    (c, all) -> {
                        if (!c.isPeer()
                                && c.mode.equals("graph")
                                && c.precision.equals(precision)) {
                            boolean own = c.who.equals(Setup.OWN);
                            best.merge(own, Series.median(all), Math::max);
                        }
                    });
            if (best.size() == 2) {
                double ratio = best.getOrDefault(false, 0.0) / best.getOrDefault(true, 0.0);
                data.put(precision, ratio);
                lines.add(precision + " " + Table.number(ratio, 2));
            }
        }
        if (!lines.isEmpty()) {
            findings.put("own_time_over_libraries", data);
            findings.text(
                    "own",
                    "A recorded epoch's time on our own kernels by that with the libraries at their"
                            + " best: "
                            + String.join(", ", lines)
                            + ".");
        }
    }

    private Optional<Double> ratio(Contender ours, double median, String mode) {
        return rates.entrySet().stream()
                .filter(c -> c.getKey().isPeer() && c.getKey().mode.equals(mode))
                .filter(c -> c.getKey().precision.equals(ours.precision))
                .findFirst()
                .map(c -> median / Series.median(c.getValue()));
    }
}
