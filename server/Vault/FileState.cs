using System.Text.Json;
using OscLooper.Dsp;

namespace OscLooper.Server.Vault;

/// <summary>[worker] How a file lies there, beside what is known of it: as it was saved, whole but changed by somebody, or damaged.</summary>
readonly record struct FileState(bool IsDamaged, string Why)
{
    // Louder than any recording: samples that are noise in the file, not in the air.
    const float LoudestSample = 1e4f;

    public bool IsAsSaved => !IsDamaged && string.IsNullOrEmpty(Why);

    /// <summary>[any] Sound and notes stand for themselves; other files belong together.</summary>
    public static bool IsMedia(string file) => Path.GetExtension(file) is ".wav" or ".mid";

    public static FileState Of(string path, FileSums.Sum? saved)
    {
        try
        {
            if (!File.Exists(path)) return new(true, "is missing");
            if (saved is { Checksum: null } growing) return new FileInfo(path).Length is var now && now < growing.Length ? new(true, $"has {now} of {growing.Length} bytes") : default;
            if (saved is { Checksum: { } checksum } sum)
            {
                var (length, found) = Checksum.OfFile(path);
                if (length == sum.Length && found == checksum) return default;
                // A plain text that is shorter was cut, unless it ends as lines do (and as editors leave them): nothing else in it tells.
                if (length < sum.Length && Path.GetExtension(path) == ".txt" && !EndsWithLine(path)) return new(true, $"has {length} of {sum.Length} bytes");
                if (Trouble(path, isKnown: true) is { } why) return new(true, length < sum.Length ? $"has {length} of {sum.Length} bytes" : why);
                return new(false, "is not as it was saved, but whole");
            }
            return Trouble(path, isKnown: false) is { } trouble ? new(true, trouble) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(true, $"cannot be read ({e.Message})");
        }
    }

    // Null: it can be read from beginning to end, as what its name says. Of one that is known to be another than was saved, more is asked.
    static string? Trouble(string path, bool isKnown)
    {
        if (new FileInfo(path).Length == 0) return "is empty";
        try
        {
            switch (Path.GetExtension(path))
            {
                case ".wav": return OfSound(path, isKnown);
                case ".mid":
                    MidiFile.Read(path, MidiReading.Strict);
                    return null;
                case ".json":
                    // It ends where its outermost bracket does, so one that was cut is none.
                    using (JsonDocument.Parse(VaultText.WithoutMark(File.ReadAllBytes(path)).ToArray())) return null;
                case ".txt": return File.ReadAllBytes(path).Contains((byte)0) ? "is damaged" : null;
                default: return isKnown ? "is not as it was saved" : null;
            }
        }
        catch (Exception e) when (e is SoundFileException or MidiFileException or JsonException)
        {
            return $"is damaged ({e.Message.ReplaceLineEndings(" ")})";
        }
    }

    static bool EndsWithLine(string path)
    {
        using var file = RegularFile.OpenRead(path);
        if (file.Length == 0) return false;
        file.Position = file.Length - 1;
        return file.ReadByte() == '\n';
    }

    static string? OfSound(string path, bool isKnown)
    {
        using var reader = SoundFile.Open(path);
        if (reader.Info.Warning.Length > 0) return $"is damaged ({reader.Info.Warning})";
        if (reader.Info.Frames == 0) return "holds no sound";
        return isKnown && !SoundFile.IsSound(path, LoudestSample) ? "is damaged (samples that are no sound)" : null;
    }
}
