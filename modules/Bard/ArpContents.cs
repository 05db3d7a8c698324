using System.Globalization;
using System.Text;

namespace OscLooper.Bard;

/// <summary>[any] The arpeggio patterns that a player made, as a text that a person can read: "pattern N", then place:octave:velocity of each step.</summary>
sealed class ArpContents
{
    public readonly ArpStep[][] Steps = new ArpStep[Arp.Banks][];
    public readonly int[] Lengths = new int[Arp.Banks];

    public ArpContents()
    {
        for (var bank = 0; bank < Arp.Banks; bank++)
        {
            Steps[bank] = new ArpStep[Arp.MostSteps];
            Array.Fill(Steps[bank], new ArpStep(0, 0, 1));
            Lengths[bank] = Arp.StepsAtStart;
        }
    }

    /// <summary>[audio] All of them as they are there.</summary>
    public void Take(ArpContents from)
    {
        for (var bank = 0; bank < Arp.Banks; bank++) from.Steps[bank].AsSpan().CopyTo(Steps[bank]);
        from.Lengths.AsSpan().CopyTo(Lengths);
    }

    /// <summary>[worker] As it is written.</summary>
    public string ToText()
    {
        var text = new StringBuilder("# pattern N place:octave:velocity ...; place -1 = rest, -2 = the note before goes on\n");
        for (var bank = 0; bank < Arp.Banks; bank++)
        {
            text.Append(CultureInfo.InvariantCulture, $"pattern {bank + 1}");
            foreach (var step in Steps[bank].AsSpan(0, Lengths[bank])) text.Append(CultureInfo.InvariantCulture, $" {step.Place}:{step.Octave}:{step.Velocity}");
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>[worker] Reads it; what cannot be is left out.</summary>
    public static ArpContents Read(string text)
    {
        var contents = new ArpContents();
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 3 || words[0] != "pattern" || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bank) || bank is < 1 or > Arp.Banks) continue;
            var steps = words.Skip(2).Take(Arp.MostSteps).Select(Step).OfType<ArpStep>().ToArray();
            if (steps.Length == 0) continue;
            steps.CopyTo(contents.Steps[bank - 1], 0);
            contents.Lengths[bank - 1] = steps.Length;
        }
        return contents;
    }

    static ArpStep? Step(string word)
    {
        var parts = word.Split(':');
        return parts.Length == 3 && int.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var place) && place is >= Arp.Tie and <= 127
            && int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var octave) && octave is >= -4 and <= 4
            && double.TryParse(parts[2], NumberStyles.Float, CultureInfo.InvariantCulture, out var velocity) && velocity is >= 0 and <= 2 ? new(place, octave, velocity) : null;
    }
}
