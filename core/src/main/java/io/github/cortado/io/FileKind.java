package io.github.cortado.io;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** What files that are taken for safetensors turn out to be, by their first bytes. */
final class FileKind {
    /** How many bytes {@link #of} wants to see. */
    static final int HEAD_BYTES = 512;

    private static final String PYTORCH =
            "; convert it in Python: safetensors.torch.save_file("
                    + "torch.load('FILE', weights_only=True), 'model.safetensors')";

    private FileKind() {}

    /**
     * Says in words what begins so, and what to do about it.
     *
     * @param head the first bytes of a file that is no safetensors
     * @return for example {@code a gzip archive; unpack it first}; empty where nothing is known
     */
    static Optional<String> of(byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("PK\3\4")) {
            return Optional.of(zip(text));
        }
        if (text.startsWith("\u0080\2")) {
            return Optional.of("a pickle, PyTorch's format before version 1.6" + PYTORCH);
        }
        if (text.startsWith("\u0089HDF\r\n")) {
            return Optional.of("HDF5, Keras's format; save it from Python as safetensors");
        }
        if (text.startsWith("GGUF")) {
            return Optional.of("GGUF, llama.cpp's format; get the model as safetensors");
        }
        if (text.startsWith("\u001f\u008b")) {
            return Optional.of("a gzip archive; unpack it first");
        }
        if (text.startsWith("version https://git-lfs")) {
            return Optional.of("a pointer of Git LFS; `git lfs pull` fetches the file itself");
        }
        String start = text.stripLeading().toLowerCase(Locale.ROOT);
        if (start.startsWith("<!doctype html") || start.startsWith("<html")) {
            return Optional.of("a web page; download the file itself");
        }
        if (start.startsWith("{")) {
            return Optional.of(
                    "JSON text, such as the index of a model in several files; load those");
        }
        return Optional.empty();
    }

    /** PyTorch's archives begin with a directory's data.pkl, NumPy's with an array. */
    private static String zip(String text) {
        int length = text.length() < 30 ? 0 : text.charAt(26) + (text.charAt(27) << 8);
        String first =
                text.substring(Math.min(30, text.length()), Math.min(30 + length, text.length()));
        if (first.endsWith(".npy")) {
            return "a zip of NumPy arrays; convert it in Python: safetensors.numpy.save_file("
                    + "dict(numpy.load('FILE')), 'model.safetensors')";
        }
        return first.endsWith(".pkl")
                ? "a zip, PyTorch's format" + PYTORCH
                : "a zip, as PyTorch's format is; if it is PyTorch's" + PYTORCH.replace(";", ",");
    }
}
