namespace OscLooper.Server;

/// <summary>[main] The program osclooper.</summary>
public static class Program
{
    /// <summary>[main] Reads the command line and does what it says.</summary>
    public static int Main() => 0;
}
