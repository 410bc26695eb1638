package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;

/**
 * The decoder of one file, which is not trusted: it is asked for the size first, what it warns of
 * is taken seriously, and whatever it throws is an IOException.
 */
final class PictureDecoder {
    /** Of a pixel: three in the picture, and one at least while it is decoded. */
    private static final long LEAST_BYTES = 4;

    /** Begin warnings of what does not change a pixel, nor does Pillow mind. */
    private static final List<String> HARMLESS =
            List.of(
                    "Embedded color profile is invalid",
                    "Superseding bad ICC profile",
                    "Warning: unknown JFIF revision number");

    /** Bytes that belong to nothing, between the data and the next marker, are left out. */
    private static final Pattern EXTRA_BYTES =
            Pattern.compile("Corrupt JPEG data: \\d+ extraneous bytes before marker .*");

    private final byte[] file;
    private final PictureFormat format;
    private final ImageReader reader;
    private final List<String> warnings = new ArrayList<>();
    private String size = "its parts";

    private PictureDecoder(byte[] file, PictureFormat format, ImageReader reader) {
        this.file = file;
        this.format = format;
        this.reader = reader;
    }

    /**
     * Decodes a file.
     *
     * @throws IOException without a name, where it is no picture, damaged or too large
     */
    static Image decode(byte[] file) throws IOException {
        PictureFormat format =
                PictureFormat.of(file)
                        .orElseThrow(() -> new IOException(PictureFormat.whyNot(file)));
        byte[] picture = format == PictureFormat.WEBP ? WebpChunks.lossless(file) : file;
        PictureDecoder decoder = new PictureDecoder(file, format, reader(format));
        try (FileInMemory in = new FileInMemory(picture)) {
            return decoder.image(in);
        } catch (IIOException e) {
            throw decoder.explained(e);
        } catch (OutOfMemoryError e) {
            throw decoder.tooLarge(e);
        } catch (RuntimeException | StackOverflowError e) {
            // Decoders answer damaged data with all kinds of them.
            throw new IOException("the picture is damaged (" + e + ")", e);
        } finally {
            decoder.reader.dispose();
        }
    }

    /** Java's own decoder where it has one, whichever others are on the class path. */
    private static ImageReader reader(PictureFormat format) throws IOException {
        ImageReader found = null;
        Iterator<ImageReader> all = ImageIO.getImageReadersByFormatName(format.reader());
        while (all.hasNext()) {
            ImageReader reader = all.next();
            if (reader.getClass().getModule() == ImageIO.class.getModule()) {
                return reader;
            }
            found = found == null ? reader : found;
        }
        if (found == null) {
            throw new IOException("there is no decoder of " + format + " on the class path");
        }
        return found;
    }

    private IOException explained(IIOException e) {
        StringBuilder reasons = new StringBuilder(String.valueOf(e.getMessage()).strip());
        for (Throwable t = e.getCause(); t != null; t = t.getCause()) {
            if (t instanceof OutOfMemoryError) {
                return tooLarge(t);
            }
            reasons.append("; ").append(t);
        }
        return new IOException("the picture is damaged (" + reasons + ")", e);
    }

    private IOException tooLarge(Throwable e) {
        long heap = Runtime.getRuntime().maxMemory() >> 20;
        return new IOException(
                size + " do not fit into the heap of " + heap + " MB; -Xmx sets it", e);
    }

    private Image image(FileInMemory in) throws IOException {
        // A TIFF's fields are what says how to understand it.
        reader.setInput(in, false, format != PictureFormat.TIFF);
        reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
        checkSize();
        Image image =
                switch (format) {
                    case JPEG ->
                            PictureColours.jpeg(
                                    reader.readRaster(0, null), JpegHeader.of(file).colours());
                    case PNG -> png();
                    case TIFF -> tiff();
                    case GIF -> gif();
                    case BMP, WEBP -> PictureColours.of(reader.read(0));
                };
        checkWarnings();
        if (format == PictureFormat.WEBP
                && in.furthest() - WebpChunks.AHEAD > in.length() - WebpChunks.BEYOND) {
            throw new IOException("the picture is damaged (its data ends before it does)");
        }
        return image;
    }

    private void checkWarnings() throws IOException {
        for (String warning : warnings) {
            if (HARMLESS.stream().noneMatch(warning::startsWith)
                    && !EXTRA_BYTES.matcher(warning).matches()) {
                throw new IOException("the picture is damaged (" + warning + ")");
            }
        }
    }

    private void checkSize() throws IOException {
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        long pixels = (long) width * height;
        size = width + " x " + height + " pixels";
        if (pixels > ImageFiles.MAX_PIXELS) {
            throw new IOException(
                    "%s x %s are %s pixels, at most %s are read"
                            .formatted(
                                    "" + width,
                                    "" + height,
                                    "" + pixels,
                                    "" + ImageFiles.MAX_PIXELS));
        }
        long megabytes = (LEAST_BYTES * pixels) >> 20;
        long heap = Runtime.getRuntime().maxMemory() >> 20;
        if (megabytes > heap) {
            throw new IOException(
                    "%s take %s MB or more, the heap has %s; -Xmx sets it"
                            .formatted(size, "" + megabytes, "" + heap));
        }
    }

    private Image png() throws IOException {
        PngChunks chunks = PngChunks.of(file);
        if (chunks.colour() == 0 && chunks.bits() == 16) {
            // Pillow clips the values to 255, so that nearly all become white.
            throw new IOException(
                    "a PNG of 16-bit grey, which others read as white: convert it to 8 bits, or"
                            + " take the upper ones by ImageFiles.of(ImageIO.read(file))");
        }
        BufferedImage picture = reader.read(0);
        if (chunks.palette() > 0 && picture.getColorModel() instanceof IndexColorModel) {
            Raster raster = picture.getRaster();
            int[] row = new int[picture.getWidth()];
            for (int y = 0; y < picture.getHeight(); y++) {
                for (int index : raster.getSamples(0, y, row.length, 1, 0, row)) {
                    if (index >= chunks.palette()) {
                        throw new IOException(
                                "the picture is damaged (colour %s of a palette of %s)"
                                        .formatted("" + index, "" + chunks.palette()));
                    }
                }
            }
        }
        return PictureColours.of(picture);
    }

    private Image tiff() throws IOException {
        TiffColours colours = new TiffColours(reader.getImageMetadata(0));
        colours.check();
        return colours.convert(reader.read(0));
    }

    private Image gif() throws IOException {
        int width = (file[6] & 0xff) | (file[7] & 0xff) << 8;
        int height = (file[8] & 0xff) | (file[9] & 0xff) << 8;
        if (width != reader.getWidth(0) || height != reader.getHeight(0)) {
            throw new IOException(
                    "a GIF of %s x %s pixels whose first picture covers only %s x %s, which is not"
                                    .formatted(
                                            "" + width,
                                            "" + height,
                                            "" + reader.getWidth(0),
                                            "" + reader.getHeight(0))
                            + " read here: convert it to PNG");
        }
        return PictureColours.of(reader.read(0));
    }
}
