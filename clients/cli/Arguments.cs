using System.Globalization;

namespace OscLooper.Cli;

enum Mode { Say, Lines, Watch, Record, Replay, Help }

/// <summary>What the command line asks for.</summary>
sealed record Arguments
{
    public const string Help = """
        osclooper-ctl: says one line to a running OscLooper server, and prints what it answers.

        Usage:
          osclooper-ctl [options] ADDRESS ARG...    one message; without ARG it is a question where the address has a value
          osclooper-ctl [options] -                 messages from standard input, one on each line
          osclooper-ctl [options] --watch PATTERN   prints values as they change, until Ctrl-C
          osclooper-ctl [options] --record FILE     writes what changes to a score, until Ctrl-C (--watch PATTERN: only that)
          osclooper-ctl [options] --replay FILE     plays a score, live

        Options:
          --host H        where the server is [127.0.0.1]
          --port P        its OSC port [9000]
          --timeout MS    how long to wait for a sign of life [5000]
          --float         sends numbers with . or e as f (32 bits) instead of d (64 bits)
          -h, --help      this text

        -, --watch and --record end with Ctrl-C (- with the end of its input, too). Quote patterns, or the shell takes * and { } for itself.
        ARG: 2 is a whole number, 0.5 a number, true and false are themselves, anything else is text ("with spaces").
        Ends with 0 when all went well, 1 when the server answered /fail or nothing, 2 for wrong arguments, 3 when there is no server.

        Examples:
          osclooper-ctl /looper/channel/1/record
          osclooper-ctl /looper/channel/1/volume 0.5
          osclooper-ctl /looper/channel/1/volume            prints: /looper/channel/1/volume 0.5
          osclooper-ctl "/looper/channel/*/stop"            every channel at once
          osclooper-ctl --watch "/looper/channel/*/state"
          osclooper-ctl --record take.txt                   then play; --replay take.txt plays it again
          echo "/transport/tempo 97.3" | osclooper-ctl -
        """;

    public Mode Mode { get; init; } = Mode.Help;
    public string Host { get; init; } = "127.0.0.1";
    public int Port { get; init; } = 9000;
    public int Timeout { get; init; } = 5000;
    public string File { get; init; } = "";
    public string Pattern { get; init; } = "";
    public IReadOnlyList<string> Words { get; init; } = [];
    /// <summary>Numbers with a point are sent with 32 bits, for servers other than ours that take no d.</summary>
    public bool IsFloat { get; init; }

    /// <summary>Null and what is wrong, when the line makes no sense.</summary>
    public static Arguments? Read(string[] args, out string error)
    {
        var read = new Arguments();
        error = "";
        for (var i = 0; i < args.Length; i++)
        {
            var arg = args[i];
            if (arg is "-h" or "--help") return read with { Mode = Mode.Help };
            if (arg is "--float") read = read with { IsFloat = true };
            else if (arg is "-") read = read with { Mode = Mode.Lines };
            else if (arg.StartsWith("--"))
            {
                var equals = arg.IndexOf('=');
                var name = equals < 0 ? arg : arg[..equals];
                if (name is not ("--host" or "--port" or "--timeout" or "--watch" or "--record" or "--replay")) return Wrong($"unknown option {name}", out error);
                if (equals < 0 && i + 1 == args.Length) return Wrong($"{name} needs a value", out error);
                var value = equals < 0 ? args[++i] : arg[(equals + 1)..];
                if (read.Take(name, value, out error) is not { } taken) return null;
                read = taken;
            }
            else if (arg.StartsWith('/'))
            {
                if (read.Mode != Mode.Help) return Wrong($"{arg} has no place beside the other arguments", out error);
                return read with { Mode = Mode.Say, Words = args[i..] };
            }
            else return Wrong($"an address begins with '/', not {arg}", out error);
        }
        return read.Mode == Mode.Help ? Wrong("say what: an address, -, --watch, --record or --replay (--help shows examples)", out error) : read;
    }

    Arguments? Take(string name, string value, out string error)
    {
        error = "";
        var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        switch (name)
        {
            case "--host": return value.Length > 0 ? this with { Host = value.Trim('[', ']') } : Wrong("--host needs a name", out error);
            case "--port": return isNumber && number is > 0 and < 65536 ? this with { Port = number } : Wrong($"--port is 1..65535, not {value}", out error);
            case "--timeout": return isNumber && number > 0 ? this with { Timeout = number } : Wrong($"--timeout is a number of milliseconds, not {value}", out error);
            case "--watch": return value.StartsWith('/') ? this with { Pattern = value, Mode = Mode == Mode.Record ? Mode.Record : Mode.Watch } : Wrong($"a pattern begins with '/', not {value}", out error);
            case "--record": return this with { File = value, Mode = Mode.Record };
            default: return this with { File = value, Mode = Mode.Replay };
        }
    }

    static Arguments? Wrong(string what, out string error)
    {
        error = what;
        return null;
    }
}
