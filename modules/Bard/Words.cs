namespace OscLooper.Bard;

/// <summary>[main] Scales and chords by name; one line each in the embedded files: names, aliases, semitones from the root.</summary>
static class Words
{
    internal sealed record Entry(string Name, string[] Aliases, int[] Semitones)
    {
        internal long Mask => Semitones.Aggregate(0L, (mask, semitone) => mask | 1L << semitone);
    }

    /// <summary>[any] Semitones above the key at which a chord's notes may lie, and one more.</summary>
    internal const int ChordRange = 48;

    internal static readonly IReadOnlyList<Entry> Scales = Read("scales");
    internal static readonly IReadOnlyList<Entry> Chords = Read("chords");

    static Entry[] Read(string name)
    {
        using var stream = typeof(Words).Assembly.GetManifestResourceStream($"OscLooper.Bard.{name}.txt")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            var parts = line.Split('|');
            // Scales have names of several words, separated by commas; chords have symbols, separated by spaces.
            return new Entry(parts[0].Trim(), parts[1].Split(name == "scales" ? ',' : ' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                [.. parts[2].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]);
        })];
    }

    /// <summary>[main] The bits of a scale: a name, an alias, "chromatic", or semitones such as "0 2 4 7 9"; null when unknown.</summary>
    internal static long? ScaleMask(string text) => Mask(Scales, text, 11);

    /// <summary>[main] The bits of a chord: a name, a symbol, or semitones such as "0 4 7"; null when unknown.</summary>
    internal static long? ChordMask(string text) => Mask(Chords, text, ChordRange - 1);

    static IEnumerable<string> NamesOf(Entry entry) => entry.Aliases.Prepend(entry.Name);

    static long? Mask(IReadOnlyList<Entry> entries, string text, int highest)
    {
        text = text.Trim();
        // Symbols differ by case (M7, m7), so they are looked for as written first; "whole-half" is enough for "whole-half diminished".
        var found = entries.FirstOrDefault(e => e.Aliases.Contains(text))
            ?? entries.FirstOrDefault(e => NamesOf(e).Contains(text, StringComparer.OrdinalIgnoreCase))
            ?? (text.Length < 4 ? null : entries.FirstOrDefault(e => NamesOf(e).Any(name => name.StartsWith(text, StringComparison.OrdinalIgnoreCase))));
        if (found is not null) return found.Mask;
        var parts = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        var mask = 0L;
        foreach (var part in parts)
        {
            if (!int.TryParse(part, out var semitone) || semitone < 0 || semitone > highest) return null;
            mask |= 1L << semitone;
        }
        return mask == 0 ? null : mask;
    }
}
