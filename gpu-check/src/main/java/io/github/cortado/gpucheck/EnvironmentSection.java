package io.github.cortado.gpucheck;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is there, and how long it takes to start. */
final class EnvironmentSection implements Section {
    private static final String EXAMPLE = "io.github.cortado.example.cifar.Main";
    private static final List<String> TIMES =
            List.of(
                    "java_milliseconds",
                    "open_milliseconds",
                    "first_kernel_milliseconds",
                    "first_step_milliseconds",
                    "second_step_milliseconds");
    private static final int WARM_STARTS = 2;

    @Override
    public String name() {
        return "environment";
    }

    @Override
    public String title() {
        return "What `doctor` finds, and the time from the start of Java to the first results: the"
                + " first process finds no compiled kernels, the later ones those that the driver has"
                + " kept.";
    }

    @Override
    public int share() {
        return 25;
    }

    @Override
    public Optional<String> obstacle(Run run) {
        return run.machine().start().obstacle();
    }

    @Override
    public void run(Run run, Findings findings) {
        Setup own = Setup.own(run.options().libraries());
        doctor(run, own, "doctor", findings);
        run.machine().libraries().ifThere(l -> doctor(run, l, "doctor-libraries", findings));
        startUp(run, own, findings);
    }

    private static void doctor(Run run, Setup setup, String name, Findings findings) {
        Child doctor = run.run(name, setup, run.java(setup, "1g", EXAMPLE, "doctor"), run.left());
        if (doctor.isGood()) {
            findings.text(setup.title() + ":\n\n```\n" + doctor.text().strip() + "\n```");
            findings.put(name, doctor.text().lines().toList());
        } else if (doctor.cutOff()) {
            findings.cutOff(name + ": " + doctor.failure());
        } else {
            findings.fault(name + ": " + doctor.failure());
        }
    }

    private static void startUp(Run run, Setup own, Findings findings) {
        List<Map<?, ?>> starts = new ArrayList<>(List.of(run.machine().start().get()));
        for (int i = 1; i <= WARM_STARTS; i++) {
            run.answer("start-warm-" + i, own, StartUp.program(run, own, false), findings)
                    .ifPresent(starts::add);
        }
        Table table = new Table("milliseconds since Java began", "cold", "warm", "warm again");
        Map<String, Object> data = new LinkedHashMap<>();
        for (String time : TIMES) {
            List<Object> row = new ArrayList<>();
            row.add(words(time));
            for (int i = 0; i <= WARM_STARTS; i++) {
                Object value = i < starts.size() ? starts.get(i).get(time) : null;
                row.add(value == null ? "" : value);
            }
            data.put(time, List.copyOf(row.subList(1, row.size())));
            table.row(row.toArray());
        }
        findings.text(table.markdown());
        findings.put("start_up", data);
        findings.summary(
                "first kernel's result after "
                        + starts.get(0).get("first_kernel_milliseconds")
                        + " ms, "
                        + starts.get(starts.size() - 1).get("first_kernel_milliseconds")
                        + " ms once kernels are compiled");
    }

    private static String words(String time) {
        return switch (time) {
            case "java_milliseconds" -> "our first line runs";
            case "open_milliseconds" -> "the device is open";
            case "first_kernel_milliseconds" -> "a kernel's result is read";
            case "first_step_milliseconds" -> "LeNet's first training step";
            default -> "LeNet's second training step";
        };
    }
}
