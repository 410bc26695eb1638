package io.github.cortado.vision;

import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * CIFAR-100: 60,000 pictures of 32x32 in a hundred classes, which are grouped into twenty, from the
 * files of its official binary version.
 *
 * <p>{@code train.bin} is 50,000 and {@code test.bin} 10,000 records of a coarse label, 0 to 19, a
 * fine one, 0 to 99, and 3,072 bytes of pixels, [3, 32, 32]. As for torchvision, the fine labels
 * are those of the data set; {@link #coarse} has the others. Source: A. Krizhevsky, "Learning
 * multiple layers of features from tiny images", 2009.
 */
public final class Cifar100 implements Dataset {
    /** The hundred classes, in the order of the fine labels. */
    public static final List<String> CLASSES =
            names(
                    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle",
                    "bowl boy bridge bus butterfly camel can castle caterpillar cattle",
                    "chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur",
                    "dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard",
                    "lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain",
                    "mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck"
                            + " pine_tree",
                    "plain plate poppy porcupine possum rabbit raccoon ray road rocket",
                    "rose sea seal shark shrew skunk skyscraper snail snake spider",
                    "squirrel streetcar sunflower sweet_pepper table tank telephone television"
                            + " tiger tractor",
                    "train trout tulip turtle wardrobe whale willow_tree wolf woman worm");

    /** The twenty groups of classes, in the order of the coarse labels. */
    public static final List<String> COARSE_CLASSES =
            names(
                    "aquatic_mammals fish flowers food_containers fruit_and_vegetables",
                    "household_electrical_devices household_furniture insects large_carnivores"
                            + " large_man-made_outdoor_things",
                    "large_natural_outdoor_scenes large_omnivores_and_herbivores"
                            + " medium_mammals non-insect_invertebrates people",
                    "reptiles small_mammals trees vehicles_1 vehicles_2");

    /** The directory that the official archive holds. */
    public static final String DIRECTORY = "cifar-100-binary";

    private static final CifarRecords FORMAT = new CifarRecords("CIFAR-100", 20, 100);

    // The file's records as they are.
    private final byte[] records;
    // 0 for the coarse label, 1 for the fine one.
    private final int which;

    private Cifar100(byte[] records, int which) {
        this.records = records;
        this.which = which;
    }

    private static List<String> names(String... lines) {
        return List.of(String.join(" ", lines).split(" "));
    }

    /**
     * Reads the 50,000 training pictures from a directory, or from its subdirectory {@code
     * cifar-100-binary}.
     *
     * @throws IOException naming file, offset and expectation where a file is absent, truncated,
     *     oversized or mislabelled
     */
    public static Cifar100 train(Path directory) throws IOException {
        return read(directory, "train.bin", 50_000);
    }

    /**
     * Reads the 10,000 test pictures.
     *
     * @throws IOException as {@link #train}
     */
    public static Cifar100 test(Path directory) throws IOException {
        return read(directory, "test.bin", 10_000);
    }

    static Cifar100 read(Path directory, String name, int records) throws IOException {
        Path place =
                Files.exists(directory.resolve(name)) ? directory : directory.resolve(DIRECTORY);
        CifarRecords.checkNames(place.resolve("fine_label_names.txt"), CLASSES);
        CifarRecords.checkNames(place.resolve("coarse_label_names.txt"), COARSE_CLASSES);
        return new Cifar100(FORMAT.read(place, List.of(name), records), 1);
    }

    /** Returns the same pictures with the twenty coarse labels. */
    public Cifar100 coarse() {
        return new Cifar100(records, 0);
    }

    /**
     * Returns a picture's class, one of {@link #CLASSES}.
     *
     * @throws IndexOutOfBoundsException unless 0 &lt;= index &lt; size
     */
    public int fineLabel(int index) {
        return records[at(index) + 1];
    }

    /**
     * Returns the group of a picture's class, one of {@link #COARSE_CLASSES}.
     *
     * @throws IndexOutOfBoundsException unless 0 &lt;= index &lt; size
     */
    public int coarseLabel(int index) {
        return records[at(index)];
    }

    private int at(int index) {
        return Objects.checkIndex(index, size()) * FORMAT.length();
    }

    @Override
    public int size() {
        return records.length / FORMAT.length();
    }

    @Override
    public List<String> classNames() {
        return which == 0 ? COARSE_CLASSES : CLASSES;
    }

    @Override
    public int label(int index) {
        return records[at(index) + which];
    }

    @Override
    public void read(int index, Image into) {
        into.set(records, at(index) + 2, CifarRecords.SIDE, CifarRecords.SIDE);
    }
}
