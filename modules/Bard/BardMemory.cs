using OscLooper.Dsp;
using System.Globalization;
using System.Text;

namespace OscLooper.Bard;

/// <summary>[any] What the bard remembers beside its leaves: the drum patterns, the player's own arpeggios, and its arrangement, each in a text that a person can read.</summary>
sealed class BardMemory
{
    const string DrumFile = "drum.txt", ArrangementFile = "arrangement.json", ArpFile = "arp.txt";
    const long LongestText = 1 << 22;

    readonly Handover<DrumContents> drums = new(4);
    readonly Handover<ArpContents> arps = new(4);
    readonly Handover<Arrangement> restored = new(4);

    /// <summary>[any] The arrangement as it was given; empty = the usual one.</summary>
    public string Arrangement { get; set; } = "";

    /// <summary>[worker] Writes what is not as at the start.</summary>
    public void Save(DirectoryInfo folder, Drum drum, Arp arp)
    {
        File.WriteAllText(Path.Combine(folder.FullName, ArpFile), arp.Own.ToText());
        var text = new StringBuilder("# lane N length STEPS; then: pattern, lane, what, a number for each step\n");
        for (var lane = 0; lane < Drum.Lanes; lane++) text.Append(CultureInfo.InvariantCulture, $"lane {lane + 1} length {drum.At(lane).Length}\n");
        var contents = new DrumContents();
        drum.CopyTo(contents);
        for (var kind = 0; kind < DrumContents.Kinds.Length; kind++)
            for (var row = 0; row < Drum.Patterns * Drum.Lanes; row++)
            {
                var steps = contents.Steps[kind].AsSpan(row * Drum.MostSteps, Drum.MostSteps);
                if (steps.IndexOfAnyExcept(DrumContents.AtStart[kind]) < 0) continue;
                text.Append(CultureInfo.InvariantCulture, $"{row / Drum.Lanes + 1} {row % Drum.Lanes + 1} {DrumContents.Kinds[kind]}");
                foreach (var step in steps) text.Append(' ').Append(step);
                text.Append('\n');
            }
        File.WriteAllText(Path.Combine(folder.FullName, DrumFile), text.ToString());
        if (Arrangement.Length > 0) File.WriteAllText(Path.Combine(folder.FullName, ArrangementFile), Arrangement);
    }

    /// <summary>[worker] Reads it; the audio side takes it at its next block.</summary>
    public void Load(DirectoryInfo folder, Drum drum, IStepper[] steppers)
    {
        var contents = Read(Path.Combine(folder.FullName, DrumFile));
        var file = Path.Combine(folder.FullName, ArrangementFile);
        Arrangement? arrangement = null;
        var text = File.Exists(file) ? Text(file) : "";
        if (text.Length > 0) arrangement = ArrangementReader.Read(text, drum, steppers, out var why) ?? throw new InvalidDataException($"{ArrangementFile}: {why}");
        Arrangement = text;
        drums.Offer(contents);
        arps.Offer(ArpContents.Read(File.Exists(Path.Combine(folder.FullName, ArpFile)) ? Text(Path.Combine(folder.FullName, ArpFile)) : ""));
        if (arrangement is not null) restored.Offer(arrangement);
    }

    /// <summary>[audio] The next drum patterns that were loaded.</summary>
    public bool TakeDrum(out DrumContents contents)
    {
        if (!drums.TryTake(out contents)) return false;
        drums.Return(contents);
        return true;
    }

    /// <summary>[audio] The next patterns of the arpeggio that were loaded.</summary>
    public bool TakeArp(out ArpContents contents)
    {
        if (!arps.TryTake(out contents)) return false;
        arps.Return(contents);
        return true;
    }

    /// <summary>[audio] The next arrangement that was loaded; what it replaces goes back.</summary>
    public bool TakeArrangement(out Arrangement fresh) => restored.TryTake(out fresh);

    /// <summary>[audio] What was replaced.</summary>
    public void Return(Arrangement old) => restored.Return(old);

    static DrumContents Read(string file)
    {
        var contents = new DrumContents();
        if (!File.Exists(file)) return contents;
        foreach (var line in Text(file).Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["lane", var number, "length", var steps] && Number(number, 1, Drum.Lanes) is { } lane && Number(steps, 1, Drum.MostSteps) is { } length) contents.Lengths[lane - 1] = length;
            if (words.Length < 4 || Number(words[0], 1, Drum.Patterns) is not { } pattern || Number(words[1], 1, Drum.Lanes) is not { } row) continue;
            var kind = Array.IndexOf(DrumContents.Kinds, words[2]);
            for (var step = 0; kind >= 0 && step < Math.Min(Drum.MostSteps, words.Length - 3); step++)
                if (Number(words[3 + step], DrumContents.Least[kind], DrumContents.Most[kind]) is { } value)
                    contents.Steps[kind][((pattern - 1) * Drum.Lanes + row - 1) * Drum.MostSteps + step] = (byte)value;
        }
        return contents;
    }

    static string Text(string file) =>
        new FileInfo(file).Length <= LongestText ? RegularFile.ReadAllText(file) : throw new InvalidDataException($"{Path.GetFileName(file)} is too long to be true");

    static int? Number(string word, int low, int high) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= low && number <= high ? number : null;
}

/// <summary>[any] All steps of all patterns, and how long each lane is.</summary>
sealed class DrumContents
{
    public static readonly string[] Kinds = ["velocity", "chance", "condition", "ratchet"];
    public static readonly byte[] AtStart = [0, 100, 0, 1];
    public static readonly int[] Least = [0, 0, 0, 1], Most = [127, 100, Drum.Conditions.Length - 1, 8];

    public readonly byte[][] Steps = new byte[4][];
    public readonly int[] Lengths = new int[Drum.Lanes];

    public DrumContents()
    {
        for (var kind = 0; kind < Steps.Length; kind++)
        {
            Steps[kind] = new byte[Drum.Patterns * Drum.Lanes * Drum.MostSteps];
            Array.Fill(Steps[kind], AtStart[kind]);
        }
        Array.Fill(Lengths, 16);
    }
}
