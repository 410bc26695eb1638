package io.github.cortado.examples.text;

import static java.util.Locale.ROOT;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.examples.Checks;
import io.github.cortado.examples.DeviceOption;
import io.github.cortado.examples.UserErrorException;
import io.github.cortado.io.AtomicFile;
import io.github.cortado.io.Json;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.models.GPT;
import io.github.cortado.models.Sampling;
import io.github.cortado.random.Seed;
import java.awt.Color;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A small GPT learns a text, character by character, and writes on. */
@Command(
        name = "gpt",
        description = "A small GPT learns a text, character by character, and writes on.",
        footer = {
            "",
            "The built-in text is Genesis 1 to 27 in the King James Version. The last tenth of a",
            "text is kept for validation. Written to --out: model.safetensors, history.json,",
            "loss.png and sample.txt."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class GptCommand implements Callable<Integer> {
    private static final String BUILT_IN = "genesis.txt";
    private static final String ALPHABET = "alphabet";
    private static final double VALIDATION = 0.1;

    @Spec private CommandSpec spec;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "The text, in UTF-8 (default: a built-in one).")
    private @Nullable Path textFile;

    @Option(
            names = "--steps",
            defaultValue = "1500",
            paramLabel = "N",
            description =
                    "Steps of training; 0 only writes, as after --start (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--batch-size",
            defaultValue = "32",
            paramLabel = "N",
            description = "Stretches of text in a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--context",
            defaultValue = "128",
            paramLabel = "N",
            description = "Characters that the model sees at once (default: ${DEFAULT-VALUE}).")
    private int context;

    @Option(
            names = "--width",
            defaultValue = "128",
            paramLabel = "N",
            description = "Length of a character's vector (default: ${DEFAULT-VALUE}).")
    private int width;

    @Option(
            names = "--layers",
            defaultValue = "4",
            paramLabel = "N",
            description = "Layers (default: ${DEFAULT-VALUE}).")
    private int layers;

    @Option(
            names = "--heads",
            defaultValue = "4",
            paramLabel = "N",
            description =
                    "Heads of each attention, which share the width (default: ${DEFAULT-VALUE}).")
    private int heads;

    @Option(
            names = "--dropout",
            defaultValue = "0.2",
            paramLabel = "P",
            description = "Share that is dropped in training (default: ${DEFAULT-VALUE}).")
    private double dropout;

    @Option(
            names = "--lr",
            defaultValue = "2e-3",
            paramLabel = "RATE",
            description = "Greatest learning rate of AdamW (default: ${DEFAULT-VALUE}).")
    private double lr;

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "N",
            description = "Seed of all that is random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--valid-every",
            defaultValue = "100",
            paramLabel = "N",
            description = "Steps between two validations (default: ${DEFAULT-VALUE}).")
    private int validEvery;

    @Option(
            names = "--prompt",
            defaultValue = "And God said",
            paramLabel = "TEXT",
            description = "What the model writes on behind (default: ${DEFAULT-VALUE}).")
    private String prompt = "";

    @Option(
            names = "--sample",
            defaultValue = "600",
            paramLabel = "N",
            description = "Characters to write (default: ${DEFAULT-VALUE}).")
    private int sample;

    @Option(
            names = "--temperature",
            defaultValue = "0.8",
            paramLabel = "T",
            description = "Below 1 for what is likely, above 1 for what is not (default: 0.8).")
    private double temperature;

    @Option(
            names = "--top-k",
            defaultValue = "0",
            paramLabel = "K",
            description = "Choose from the K likeliest characters alone (default: from all).")
    private int topK;

    @Option(
            names = "--start",
            paramLabel = "FILE",
            description = "Begin with the weights of a model.safetensors of this program.")
    private @Nullable Path start;

    @Option(
            names = "--export",
            paramLabel = "FILE",
            description = {
                "Write the weights that training begins with, and where in the text each step's",
                "stretches begin, for benchmarks/peer/gpt_torch.py to take the same steps."
            })
    private @Nullable Path export;

    @Mixin private DeviceOption deviceOption;

    @Option(
            names = "--out",
            defaultValue = "out-gpt",
            paramLabel = "DIR",
            description = "Directory for all that is written (default: ${DEFAULT-VALUE}).")
    private Path directory;

    @Override
    public Integer call() throws IOException {
        check();
        Device device = deviceOption.open();
        String text = text();
        Alphabet alphabet = Alphabet.of(text);
        Stretches[] parts = split(new Stretches(alphabet.encode(text), context));
        GPT model = model(alphabet, device);
        checkPrompt(alphabet);
        Checks.directory("--out", directory);
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                ROOT,
                "%d characters, %d different ones; a model of %d parameters on device %s.%n",
                text.codePointCount(0, text.length()),
                alphabet.size(),
                model.parameters().stream().mapToLong(Tensor::size).sum(),
                device.name());
        if (steps > 0) {
            train(model, alphabet, parts, device);
        }
        model.eval();
        Sampling sampling = new Sampling(temperature, topK, seed);
        String written =
                new Writing(model, alphabet, context, device).behind(prompt, sample, sampling);
        out.println(written);
        AtomicFile.write(directory.resolve("sample.txt"), written.getBytes(StandardCharsets.UTF_8));
        return 0;
    }

    private void check() {
        Checks.atLeast(0, "--steps", steps);
        Checks.atLeast(1, "--batch-size", batch);
        Checks.atLeast(2, "--context", context);
        Checks.atLeast(1, "--width", width);
        Checks.atLeast(1, "--layers", layers);
        Checks.atLeast(1, "--heads", heads);
        Checks.atLeast(1, "--valid-every", validEvery);
        Checks.atLeast(0, "--sample", sample);
        Checks.rate("--lr", lr);
        if (width % heads != 0) {
            throw UserErrorException.usage(
                    "--heads: %d heads cannot share a width of %d", heads, width);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw UserErrorException.usage("--dropout: expected 0 to below 1, got %s", dropout);
        }
        if (prompt.isEmpty()) {
            throw UserErrorException.usage("--prompt: expected a text, got none");
        }
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY) || topK < 0) {
            throw UserErrorException.usage(
                    "--temperature, --top-k: expected 0 or more, got %s and %d", temperature, topK);
        }
    }

    private String text() throws IOException {
        if (textFile == null) {
            try (InputStream in = GptCommand.class.getResourceAsStream(BUILT_IN)) {
                if (in == null) {
                    throw new IllegalStateException(BUILT_IN + " is missing from the jar");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
        try {
            return Files.readString(Checks.file("--text", textFile));
        } catch (CharacterCodingException e) {
            throw UserErrorException.usage("--text: %s is not a text in UTF-8", textFile);
        }
    }

    private Stretches[] split(Stretches all) {
        int training = (int) Math.round(all.text().length * (1 - VALIDATION));
        if (all.text().length - training <= context) {
            throw UserErrorException.usage(
                    "--text: %d characters; their last tenth has to be longer than --context, %d",
                    all.text().length, context);
        }
        return all.split(training);
    }

    private GPT model(Alphabet alphabet, Device device) throws IOException {
        Seed.manualSeed(seed);
        GPT model = new GPT(new GPT.Sizes(alphabet.size(), context, width, layers, heads), dropout);
        if (start != null) {
            Checks.file("--start", start);
            String its = SafeTensors.metadata(start).get(ALPHABET);
            if (!alphabet.toString().equals(its)) {
                throw UserErrorException.failed(
                        "--start: %s is of a text with other characters", start);
            }
            try {
                model.loadStateDict(SafeTensors.load(start));
            } catch (IllegalArgumentException e) {
                throw UserErrorException.failed("--start: %s: %s", start, e.getMessage());
            }
        }
        model.to(device);
        return model;
    }

    private void checkPrompt(Alphabet alphabet) {
        try {
            alphabet.encode(prompt);
        } catch (IllegalArgumentException e) {
            throw UserErrorException.usage("--prompt: %s", e.getMessage());
        }
    }

    private void train(GPT model, Alphabet alphabet, Stretches[] parts, Device device)
            throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        GptTraining.Settings settings =
                new GptTraining.Settings(steps, Math.max(1, steps / 10), batch, lr, seed);
        List<Double> losses = new ArrayList<>();
        List<Integer> validated = new ArrayList<>();
        List<Double> validLosses = new ArrayList<>();
        long begun = System.nanoTime();
        try (GptTraining training = new GptTraining(model, settings, parts[0], device)) {
            if (export != null) {
                training.export(export, context, layers, heads, dropout);
            }
            for (int step = 1; step <= steps; step++) {
                double loss = training.next();
                if (!Double.isFinite(loss)) {
                    throw UserErrorException.failed(
                            "the loss is %s in step %d; a lower --lr than %s may help",
                            loss, step, lr);
                }
                losses.add(loss);
                if (step % validEvery == 0 || step == steps) {
                    double valid = training.lossOf(parts[1]);
                    validated.add(step);
                    validLosses.add(valid);
                    out.printf(
                            ROOT,
                            "step %4d, train: loss = %.4f, valid: loss = %.4f, %.0f s%n",
                            step,
                            loss,
                            valid,
                            (System.nanoTime() - begun) / 1e9);
                }
            }
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        Map<String, Object> history = new LinkedHashMap<>();
        history.put("train_loss", losses);
        history.put("valid_step", validated);
        history.put("valid_loss", validLosses);
        history.put("seconds", seconds);
        Json.save(directory.resolve("history.json"), history);
        SafeTensors.save(
                directory.resolve("model.safetensors"),
                model.stateDict(),
                Map.of("format", "pt", ALPHABET, alphabet.toString()));
        LossCurve.write(
                directory.resolve("loss.png"),
                "Characters of " + (textFile == null ? "Genesis" : textFile.getFileName()),
                List.of(
                        new LossCurve.Line(
                                "training",
                                IntStream.rangeClosed(1, steps).boxed().toList(),
                                losses,
                                new Color(0x0969da)),
                        new LossCurve.Line(
                                "validation", validated, validLosses, new Color(0xbc4c00))));
    }
}
