package io.github.cortado.example.cifar;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The networks that the example trains, and what comes with each. */
enum Recipe {
    /** The reference program's network, trained as it trains it. */
    LENET(
            "lenet",
            "LeNet",
            new Defaults(30, 100, 1e-3),
            Transforms.REFERENCE,
            new Other("dropout", "dropout on", "dropout left on, as the reference validates"),
            "as the reference program's") {
        @Override
        Classifier network() {
            return new LeNet();
        }

        @Override
        Course course(Classifier model, double lr, int steps) {
            return new PlainCourse(model, lr);
        }

        @Override
        String optimizer(double lr) {
            return "Adam, learning rate " + lr;
        }
    },

    /** A network and a training of the kind that public speed-runs of CIFAR-10 have. */
    VGG8(
            "vgg8",
            "VGG-8",
            new Defaults(10, 500, 0.75),
            Transforms.TRANSLATED,
            new Other("unmirrored", "one view", "of each picture alone, without its mirror image"),
            "mirrored, moved by up to 4 pixels, a square of 8 x 8 cut out") {
        @Override
        Classifier network() {
            return new Vgg8();
        }

        @Override
        Course course(Classifier model, double lr, int steps) {
            return new CycleCourse(model, lr, steps);
        }

        @Override
        String optimizer(double lr) {
            return CycleCourse.description(lr);
        }
    };

    private final String option;
    private final String title;
    private final Defaults defaults;
    private final Transforms transforms;
    private final Other other;
    private final String randomTransforms;

    Recipe(
            String option,
            String title,
            Defaults defaults,
            Transforms transforms,
            Other other,
            String randomTransforms) {
        this.option = option;
        this.title = title;
        this.defaults = defaults;
        this.transforms = transforms;
        this.other = other;
        this.randomTransforms = randomTransforms;
    }

    /**
     * What options are where the user does not say.
     *
     * @param lr the learning rate, the greatest where it changes
     */
    record Defaults(int epochs, int batchSize, double lr) {}

    /**
     * The second of the two ways in which each validation predicts.
     *
     * @param key what ends its names in history.json
     * @param heading of its column
     * @param text what it is
     */
    record Other(String key, String heading, String text) {}

    /**
     * The recipe of that name.
     *
     * @throws UserErrorException where there is none
     */
    static Recipe of(String option) {
        return Arrays.stream(values())
                .filter(recipe -> recipe.option.equals(option))
                .findFirst()
                .orElseThrow(
                        () ->
                                UserErrorException.usage(
                                        "--model: expected %s, got '%s'", names(), option));
    }

    private static String names() {
        return Arrays.stream(values()).map(Recipe::option).collect(Collectors.joining(" or "));
    }

    /** Its name on the command line. */
    String option() {
        return option;
    }

    /** What headings call the network. */
    String title() {
        return title;
    }

    Defaults defaults() {
        return defaults;
    }

    Transforms transforms() {
        return transforms;
    }

    Other other() {
        return other;
    }

    /** The random transforms in words. */
    String randomTransforms() {
        return randomTransforms;
    }

    /** A network with first values of the present seed. */
    abstract Classifier network();

    /**
     * How the network is trained.
     *
     * @param lr the learning rate, the greatest where it changes
     * @param steps of the whole training
     */
    abstract Course course(Classifier model, double lr, int steps);

    /** The optimizer in words. */
    abstract String optimizer(double lr);
}
