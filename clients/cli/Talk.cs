using OscLooper.Client;
using OscLooper.Osc;

namespace OscLooper.Cli;

/// <summary>Says messages and prints what is answered: values and replies on standard output, failures on standard error.</summary>
static class Talk
{
    /// <summary>The message of a command line. The shell has taken the quotation marks away: a word with spaces is a text.</summary>
    public static OscMessage? FromWords(IReadOnlyList<string> words, bool doubles, out string error)
    {
        if (!OscText.TryParse(words[0], out var message, out error)) return null;
        if (words.Count == 1) return message;
        var values = words.Skip(1).Select(word =>
            OscText.TryParse("/a " + word, out var one, out _, doubles) && one.Arguments is [var value] ? value : (OscValue)word);
        return new(message.Address, [.. message.Arguments, .. values]);
    }

    public static int Say(OscLooperClient client, OscMessage message)
    {
        var printer = new Printer();
        client.Exchange([message], printer.Print);
        return printer.Failed ? 1 : 0;
    }

    public static int Lines(OscLooperClient client, TextReader lines, bool doubles)
    {
        var printer = new Printer();
        var wrong = 0;
        client.Heard = printer.Print;
        for (var number = 1; lines.ReadLine() is { } line; number++)
        {
            if (line.AsSpan().Trim() is [] or ['#', ..]) continue;
            if (OscText.TryParse(line, out var message, out var error, doubles))
            {
                client.Send(message);
                continue;
            }
            wrong++;
            Console.Error.WriteLine($"osclooper-ctl: line {number}: {error}");
        }
        client.Sync();
        return printer.Failed || wrong > 0 ? 1 : 0;
    }
}

/// <summary>Prints messages in the text form.</summary>
sealed class Printer
{
    /// <summary>True as soon as something could not be carried out.</summary>
    public bool Failed { get; private set; }

    public void Print(OscMessage message)
    {
        if (message.Address == "/server/synced") return;
        var isFail = message.Address == "/fail";
        Failed |= isFail;
        (isFail ? Console.Error : Console.Out).WriteLine(message.ToString());
    }
}
