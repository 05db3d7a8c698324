using Spectre.Console;

namespace OscLooper.Server.Commands;

/// <summary>[main] Long work shows how far it is on a terminal, and is quiet in a pipe.</summary>
static class Progress
{
    public static bool IsShown => !Console.IsErrorRedirected;

    /// <summary>[main] Does the work, with a bar where somebody looks.</summary>
    public static T Of<T>(string what, Func<IProgress<double>?, T> work)
    {
        if (!IsShown) return work(null);
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return terminal.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(bars =>
            {
                var bar = bars.AddTask(Markup.Escape(what), maxValue: 1);
                return work(new Bar(bar));
            });
    }

    // Not every block redraws the terminal.
    sealed class Bar(ProgressTask task) : IProgress<double>
    {
        long last;

        public void Report(double value)
        {
            var now = Environment.TickCount64;
            if (now - last < 50) return;
            (last, task.Value) = (now, value);
        }
    }
}
