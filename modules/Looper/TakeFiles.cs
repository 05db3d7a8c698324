using System.Globalization;
using System.Text.RegularExpressions;

namespace OscLooper.Looper;

/// <summary>[worker] The names of what a crash left: RUN-TAPE.channel-N.scene-N and what it is.</summary>
static partial class TakeFiles
{
    public const string TakeEnding = ".wav", PassEnding = ".pass", NotesEnding = ".notes";

    public readonly record struct Found(string Path, long Tape, int Row, int Scene, bool IsTake)
    {
        public bool IsOfNotes => IsNotes(Path);
    }

    /// <summary>[worker] A file of that name holds notes, of a take or of a pass.</summary>
    public static bool IsNotes(string path) => path.EndsWith(NotesEnding, StringComparison.Ordinal) || path.EndsWith(NotesEnding + PassEnding, StringComparison.Ordinal);

    /// <summary>[worker] The files of one run, from the oldest tape to the youngest; without a name those of all runs but one's own.</summary>
    public static IReadOnlyList<Found> Of(string? folder, string run, string own = "")
    {
        if (folder is null || run.Length + own.Length == 0 || !Directory.Exists(folder)) return [];
        var found = new List<Found>();
        foreach (var path in Directory.GetFiles(folder))
            if (Name().Match(Path.GetFileName(path)) is { Success: true } name && (run.Length > 0 ? name.Groups[1].Value == run : name.Groups[1].Value != own) && long.TryParse(name.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var tape))
                found.Add(new Found(path, tape, Number(name.Groups[3]) - 1, Number(name.Groups[4]) - 1, !name.Groups[5].ValueSpan.EndsWith("pass")));
        return [.. found.OrderBy(f => f.Tape)];
    }

    /// <summary>[worker] The run that wrote a file, also one that was not finished; null when it is somebody else's.</summary>
    public static string? RunOf(string path) => Begin().Match(Path.GetFileName(path)) is { Success: true } name ? name.Groups[1].Value : null;

    static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([0-9a-f]+)-[0-9]{1,18}\.channel-[0-9]{1,6}\.scene-[0-9]{1,6}\.")]
    private static partial Regex Begin();

    [GeneratedRegex(@"^([0-9a-f]+)-([0-9]{1,18})\.channel-([0-9]{1,6})\.scene-([0-9]{1,6})\.(wav\.part|pass|notes|notes\.pass)$")]
    private static partial Regex Name();
}
