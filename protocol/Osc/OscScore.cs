using System.Globalization;

namespace OscLooper.Osc;

/// <summary>One line of a score, with its number in the file.</summary>
public readonly record struct OscScoreLine(int Number, OscMessage Message);

/// <summary>Messages of a score that act on one frame.</summary>
public sealed record OscScoreMoment(long Frame, IReadOnlyList<OscScoreLine> Lines);

/// <summary>
/// A score: lines <c>TIME ADDRESS ARG...</c> in the text form, TIME in seconds (<c>1.5</c>) or frames (<c>72000f</c>).
/// A line that is indented carries no TIME and belongs to the bundle of the line above; <c>#</c> begins a comment.
/// </summary>
public sealed class OscScore
{
    const int MostErrors = 100;
    const double LatestFrame = 1L << 53;
    const string Blanks = " \t";

    OscScore(List<OscScoreMoment> moments) => Moments = moments;

    /// <summary>In order of time; those of one frame in the order of the file.</summary>
    public IReadOnlyList<OscScoreMoment> Moments { get; }

    /// <summary>Frame of the last line; -1 when there is none.</summary>
    public long LastFrame => Moments.Count == 0 ? -1 : Moments[^1].Frame;

    /// <summary>Reads a whole score; its numbers with '.' or 'e' are f, or d. False, and every error with its line number, when a line is not right.</summary>
    public static bool TryParse(string text, int rate, out OscScore score, out IReadOnlyList<string> errors, bool doubles = false)
    {
        var moments = new List<(long Frame, List<OscScoreLine> Lines)>();
        var wrong = new List<string>();
        var number = 0;
        var count = 0;
        var hasMoment = false;
        // A score copied out of a text is indented as a whole: what counts is more than the first line has.
        var margin = -1;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            number++;
            var line = WithoutComment(raw).TrimEnd(Blanks);
            if (line.IsEmpty) continue;
            var error = "";
            var indent = line.Length - line.TrimStart(Blanks).Length;
            if (margin < 0) margin = line[indent] == '/' ? 0 : indent;
            if (indent > margin)
            {
                if (!hasMoment) error = "an indented line belongs to the line above, but there is none";
                else if (OscText.TryParse(line.ToString(), out var message, out error, doubles) && moments.Count > 0) moments[^1].Lines.Add(new(number, message));
            }
            else
            {
                hasMoment = true;
                line = line[indent..];
                var end = line.IndexOfAny(Blanks);
                var time = end < 0 ? line : line[..end];
                if (!TryFrame(time, rate, out var frame, out error)) { }
                else if (end < 0) error = "an address is missing after the time";
                else if (OscText.TryParse(line[end..].ToString(), out var message, out error, doubles)) moments.Add((frame, [new(number, message)]));
            }
            if (error.Length > 0 && ++count <= MostErrors) wrong.Add($"line {number}: {error}");
        }
        if (count > MostErrors) wrong.Add($"... and {count - MostErrors} more");
        errors = wrong;
        score = new(wrong.Count > 0 ? [] : [.. moments.OrderBy(m => m.Frame).Select(m => new OscScoreMoment(m.Frame, m.Lines))]);
        return wrong.Count == 0;
    }

    /// <summary>A line of a score: the time in seconds and the message.</summary>
    public static string Format(double seconds, OscMessage message) => Format(seconds.ToString("0.000000", CultureInfo.InvariantCulture), message);

    /// <summary>A line of a score: the time in frames and the message.</summary>
    public static string Format(long frame, OscMessage message) => Format(frame.ToString(CultureInfo.InvariantCulture) + "f", message);

    // A text that begins with # would be read back as a comment, so it is quoted.
    static string Format(string time, OscMessage message) =>
        $"{time} {message.Address}{string.Concat(message.Arguments.Select(a => " " + (a.Text is ['#', ..] ? $"\"{a.ToString().Trim('"')}\"" : a.ToString())))}";

    static bool TryFrame(ReadOnlySpan<char> time, int rate, out long frame, out string error)
    {
        var inFrames = time is [.., 'f'];
        var digits = inFrames ? time[..^1] : time;
        var style = inFrames ? NumberStyles.None : NumberStyles.AllowDecimalPoint;
        frame = 0;
        error = "";
        if (!double.TryParse(digits, style, CultureInfo.InvariantCulture, out var value))
            error = $"'{time}' is no time: seconds (1.5) or frames (72000f)";
        else if ((inFrames ? value : value * rate) is var frames && frames <= LatestFrame)
            frame = (long)Math.Round(frames, MidpointRounding.AwayFromZero);
        else error = $"the time {time} is too late";
        return error.Length == 0;
    }

    // A # at the start of a word begins a comment, unless it stands within quotation marks.
    static ReadOnlySpan<char> WithoutComment(ReadOnlySpan<char> line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            var startsWord = i == 0 || Blanks.Contains(line[i - 1]);
            if (quoted && line[i] == '\\') i++;
            else if (line[i] == '"' && (quoted || startsWord)) quoted = !quoted;
            else if (line[i] == '#' && !quoted && startsWord) return line[..i];
        }
        return line;
    }
}
