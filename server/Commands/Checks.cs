using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace OscLooper.Server.Commands;

using Command = System.CommandLine.Command;

/// <summary>[main] Options with what they accept; trouble is told before anything starts.</summary>
static class Checks
{
    public static Option<int> Number(string name, string help, int initial, int least, int most, string what = "N")
    {
        var option = new Option<int>(name) { Description = help, DefaultValueFactory = _ => initial, HelpName = what };
        option.Validators.Add(result =>
        {
            var text = result.Tokens is [var token] ? token.Value : initial.ToString(CultureInfo.InvariantCulture);
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && (number < least || number > most))
                result.AddError($"{name} is {least}..{most}, not {number}");
        });
        return option;
    }

    public static Option<string> Word(string name, string help, string initial, string what)
    {
        var option = new Option<string>(name) { Description = help, HelpName = what };
        option.DefaultValueFactory = _ => initial;
        return option;
    }

    public static Option<string[]> Words(string name, string help, string what, Func<string, bool>? isFine = null)
    {
        var option = new Option<string[]>(name) { Description = help, HelpName = what, DefaultValueFactory = _ => [], Arity = ArgumentArity.OneOrMore };
        if (isFine is not null) option.Validators.Add(result => Refuse(result, name, what == "CIDR" ? "a network like 192.168.1.0/24 or an IP address" : what, isFine));
        return option;
    }

    /// <summary>Names with commas between them.</summary>
    public static string[] Names(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public static bool IsAddress(string text) => IPAddress.TryParse(text, out _);

    public static bool IsNetwork(string text) => Network.AllowList.TryParse(text);

    public static bool IsFeedback(string text)
    {
        var target = text.Split('=', 2);
        var colon = target[0].LastIndexOf(':');
        return colon > 0 && int.TryParse(target[0][(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            && (target.Length == 1 || target[1].StartsWith('/'));
    }

    public static void Refuse(OptionResult result, string name, string what, Func<string, bool> isFine)
    {
        foreach (var token in result.Tokens)
            if (!isFine(token.Value)) result.AddError($"{name} takes {what}, not {token.Value}");
    }

    public static void MustExist(OptionResult result, string name)
    {
        foreach (var token in result.Tokens)
            if (!File.Exists(token.Value)) result.AddError($"{name}: there is no file {token.Value}");
    }
}
