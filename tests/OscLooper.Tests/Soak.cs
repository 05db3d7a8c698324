namespace OscLooper.Tests;

/// <summary>How much longer than by default the long tests run: the environment variable OSCLOOPER_SOAK, 1 when it is not set.</summary>
static class Soak
{
    public static int Times { get; } = int.TryParse(Environment.GetEnvironmentVariable("OSCLOOPER_SOAK"), out var times) ? Math.Max(1, times) : 1;
}
