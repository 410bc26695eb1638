package io.github.cortado.example.cifar;

import io.github.cortado.Device;
import io.github.cortado.data.Batch;
import io.github.cortado.data.Batches;
import io.github.cortado.data.DataLoader;
import io.github.cortado.data.Image;
import io.github.cortado.random.Seed;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** One run of training, from its first line to the report. */
final class TrainRun {
    private static final int SAMPLES = 20;

    private final Settings settings;
    private final Device device;
    private final Pictures pictures;
    private final RunFiles files;
    private final RunInfo info;
    private final Terminal terminal;
    private final long begun = System.nanoTime();
    private final List<Epoch> epochs = new ArrayList<>();
    private Optional<Validation> validation = Optional.empty();
    private Samples samples = new Samples(List.of(), List.of());

    TrainRun(
            Settings settings,
            Device device,
            Pictures pictures,
            RunFiles files,
            RunInfo info,
            Terminal terminal) {
        this.settings = settings;
        this.device = device;
        this.pictures = pictures;
        this.files = files;
        this.info = info;
        this.terminal = terminal;
    }

    /**
     * What to do.
     *
     * @param recipe the network, and how it is trained
     * @param plain without the random transforms
     */
    record Settings(
            Recipe recipe,
            int epochs,
            int batchSize,
            double lr,
            long seed,
            int workers,
            boolean plain,
            boolean reference,
            boolean resume) {}

    /** Where lines go, and whether somebody wants the run to stop. */
    record Terminal(PrintWriter out, ProgressBar bar, BooleanSupplier stop) {}

    /** Some pictures as the network gets them, and their classes. */
    record Samples(List<Image> images, List<Integer> labels) {}

    /**
     * Trains.
     *
     * @return false if it was stopped on the way; all that there is has been written then too
     * @throws UserErrorException where the loss is no longer a number; likewise
     */
    boolean run() throws IOException {
        PrintWriter out = terminal.out();
        out.println(
                Lines.pictures(pictures.training().size(), pictures.validation().size())
                        + pictures.lineNote());
        Seed.manualSeed(settings.seed());
        Classifier model = settings.recipe().network();
        model.lookAt(pictures.training());
        model.to(device);
        Transforms transforms = settings.recipe().transforms();
        DataLoader loader =
                new DataLoader(
                                pictures.training(),
                                settings.plain() ? transforms.validation() : transforms.training())
                        .batchSize(settings.batchSize())
                        .shuffle(true)
                        .seed(settings.seed())
                        .workers(settings.workers());
        Course course =
                settings.recipe()
                        .course(
                                model,
                                settings.lr(),
                                (int)
                                        Math.min(
                                                (long) settings.epochs() * loader.batches(),
                                                Integer.MAX_VALUE));
        RunState state = new RunState(files, settings.recipe(), options());
        Map<String, Long> countersBefore = Map.of();
        if (settings.resume()) {
            countersBefore = resume(state, model, course);
        } else {
            files.clear();
        }
        samples = samples(loader);
        files.samples(pictures, samples);
        out.println(model);
        try (Training training =
                Training.of(
                        new Training.Task(
                                model, course, device, loader, terminal.bar(), terminal.stop()))) {
            return epochs.size() < settings.epochs()
                    ? train(model, course, training, state)
                    : reportAgain(model, course, training, countersBefore);
        }
    }

    /**
     * Ends a run that was killed between its last epoch and its report: with dropout's counters as
     * they were, validation finds again what it found then.
     */
    private boolean reportAgain(
            Classifier model, Course course, Training training, Map<String, Long> countersBefore)
            throws IOException {
        try {
            model.loadCounters(countersBefore);
        } catch (IllegalArgumentException e) {
            throw UserErrorException.failed("--resume: %s", e.getMessage());
        }
        course.swap();
        validation = validate(model, validationBatches());
        course.swap();
        if (validation.isEmpty()) {
            terminal.out().println("Ended early: interrupted in the last validation.");
            return false;
        }
        finish(model, course, training, "");
        return true;
    }

    private boolean train(Classifier model, Course course, Training training, RunState state)
            throws IOException {
        if (!training.description().isEmpty()) {
            terminal.out().println(training.description());
        }
        try {
            String stopped = epochs(model, course, training, state);
            finish(model, course, training, stopped);
            return stopped.isEmpty();
        } catch (UserErrorException e) {
            finish(model, course, training, String.valueOf(e.getMessage()));
            throw e;
        }
    }

    /** What a run must have in common with the one that it resumes. */
    private Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        if (settings.recipe() != Recipe.LENET) {
            options.put("--model", settings.recipe().option());
            // Learning rates depend on where a run will end.
            options.put("--epochs", Integer.toString(settings.epochs()));
        }
        options.put("pictures", pictures.name());
        options.put("training pictures", Integer.toString(pictures.training().size()));
        options.put("validation pictures", Integer.toString(pictures.validation().size()));
        options.put("--batch-size", Integer.toString(settings.batchSize()));
        options.put("--lr", Double.toString(settings.lr()));
        options.put("--seed", Long.toString(settings.seed()));
        options.put("--no-augmentation", Boolean.toString(settings.plain()));
        return options;
    }

    private Map<String, Long> resume(RunState state, Classifier model, Course course)
            throws IOException {
        RunState.Saved saved = state.restore(model, course);
        epochs.addAll(saved.epochs());
        boolean allDone = epochs.size() >= settings.epochs();
        if (epochs.size() > settings.epochs() || (allDone && files.isReported())) {
            throw UserErrorException.usage(
                    "--resume: %d epochs are done, --epochs is %d",
                    epochs.size(), settings.epochs());
        }
        files.removeReport();
        files.history(epochs, settings.recipe());
        terminal.out()
                .println(
                        allDone
                                ? "All " + epochs.size() + " epochs are done; writing the report."
                                : "Resuming after epoch " + epochs.size() + ".");
        return saved.countersBefore();
    }

    /** The first pictures that training will see. */
    private Samples samples(DataLoader loader) {
        Transforms transforms = settings.recipe().transforms();
        List<Image> images = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        try (Batches batches = loader.workers(0).epoch(0)) {
            while (images.size() < SAMPLES && batches.hasNext()) {
                Batch batch = batches.next();
                float[] values = batch.images().toFloats();
                int height = batch.images().dim(2);
                int width = batch.images().dim(3);
                int[] classes = batch.labels().toInts();
                for (int i = 0; i < batch.size() && images.size() < SAMPLES; i++) {
                    int offset = i * Image.CHANNELS * height * width;
                    images.add(transforms.denormalized(values, offset, height, width));
                    labels.add(classes[i]);
                }
            }
        }
        return new Samples(images, labels);
    }

    /** Trains and validates epoch by epoch; returns why it ended early, empty if it did not. */
    private String epochs(Classifier model, Course course, Training training, RunState state)
            throws IOException {
        Supplier<Iterable<Batch>> batches = validationBatches();
        for (int epoch = epochs.size() + 1; epoch <= settings.epochs(); epoch++) {
            Optional<Training.Result> trained = training.epoch(epoch);
            if (trained.isEmpty()) {
                return "interrupted in epoch " + epoch + ", after step " + training.steps();
            }
            Map<String, Long> countersBefore = model.counters();
            long validationBegun = System.nanoTime();
            course.swap();
            Optional<Validation> validated = validate(model, batches);
            course.swap();
            if (validated.isEmpty()) {
                return "interrupted in the validation of epoch " + epoch;
            }
            validation = validated;
            double seconds = (System.nanoTime() - validationBegun) / 1e9;
            add(epoch, trained.get(), validated.get(), seconds);
            files.history(epochs, settings.recipe());
            model(model, course, epoch);
            state.save(course, epochs, countersBefore);
        }
        return "";
    }

    /** Writes the weights to predict with. */
    private void model(Classifier model, Course course, int epoch) throws IOException {
        course.swap();
        try {
            files.model(model, pictures, epoch);
        } finally {
            course.swap();
        }
    }

    private Supplier<Iterable<Batch>> validationBatches() {
        return Validation.batches(
                new DataLoader(pictures.validation(), settings.recipe().transforms().validation())
                        .batchSize(settings.batchSize())
                        .workers(settings.workers()),
                device);
    }

    /** Validates; empty if somebody wants the run to stop. */
    private Optional<Validation> validate(Classifier model, Supplier<Iterable<Batch>> batches) {
        ProgressBar bar = terminal.bar();
        int total = pictures.validation().size();
        bar.begin(0);
        Optional<Validation> validated =
                Validation.run(
                        model,
                        device,
                        batches.get(),
                        pictures.classNames(),
                        done -> bar.show("validation", done, total, "pictures", 1),
                        terminal.stop());
        bar.erase();
        return validated;
    }

    private void add(
            int number, Training.Result trained, Validation validated, double validSeconds) {
        Epoch epoch =
                new Epoch(
                        number,
                        trained.loss(),
                        trained.accuracy(),
                        validated.evaluation().loss(),
                        validated.evaluation().confusion().all().accuracy(),
                        validated.other().loss(),
                        validated.other().confusion().all().accuracy(),
                        trained.seconds(),
                        trained.pictures() / trained.seconds(),
                        validSeconds);
        epochs.add(epoch);
        boolean reference = settings.reference();
        PrintWriter out = terminal.out();
        out.println(
                Lines.train(number, epoch.trainLoss(), epoch.trainAccuracy())
                        + pictures.lineNote());
        out.println(
                Lines.valid(epoch.shownLoss(reference), epoch.shownAccuracy(reference))
                        + pictures.lineNote());
        out.println();
    }

    /** Writes all that there is; {@code stopped} says why it is not all that there could be. */
    private void finish(Classifier model, Course course, Training training, String stopped)
            throws IOException {
        terminal.bar().erase();
        PrintWriter out = terminal.out();
        if (!stopped.isEmpty()) {
            out.println("Ended early: " + stopped + ".");
        }
        files.history(epochs, settings.recipe());
        model(model, course, epochs.size());
        files.curves(pictures, epochs, settings.reference());
        if (validation.isPresent()) {
            Validation.Head head = validation.get().shown(settings.reference());
            head.confusion().lines().forEach(out::println);
            out.println(
                    "Validation accuracy after epoch "
                            + epochs.size()
                            + ": "
                            + Lines.withInterval(head.confusion().all())
                            + pictures.lineNote());
            files.perClass(pictures, head.confusion(), settings.reference());
            files.confusion(pictures, head.confusion());
            files.predictions(pictures, head);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        files.report(
                new Report(
                                settings.recipe(),
                                pictures,
                                settings.reference(),
                                info,
                                model.toString(),
                                epochs,
                                validation,
                                samples,
                                files.drawing(),
                                stopped,
                                seconds)
                        .html());
        out.println("Written to " + files.directory() + ": " + String.join(", ", files.written()));
        out.println("It took " + Lines.duration(seconds) + ", " + training.steps() + " steps.");
    }
}
