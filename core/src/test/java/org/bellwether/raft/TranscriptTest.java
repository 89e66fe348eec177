package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Golden transcripts: any change of behaviour shows as a difference, to be read and judged.
/// `-Dtranscripts.update=true` writes them anew.
class TranscriptTest {
    private static final Path FOLDER = Path.of("src", "test", "resources", "transcripts");

    static List<String> transcripts() throws IOException {
        try (var files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".txt")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void coreBehavesAsWritten(String name) throws IOException {
        var file = FOLDER.resolve(name);
        var written = Files.readString(file);
        var now = Transcript.rewritten(written);
        if (Boolean.getBoolean("transcripts.update")) {
            Files.writeString(file, now);
        } else {
            assertEquals(written, now, name);
        }
    }

    @Test
    void thereAreTranscripts() throws IOException {
        assertTrue(transcripts().size() >= 12);
    }

    @Test
    void differenceIsNoticed() {
        var right = Transcript.rewritten("> cores 1\n> tick n1\n");
        assertTrue(right.contains("n1: term 1, votes for n1"), right);
        assertEquals(right, Transcript.rewritten(right));
        assertEquals(right, Transcript.rewritten(right.replace("term 1", "term 2")));
    }
}
