namespace OscLooper.Server.Network;

/// <summary>[main] The port cannot be listened on: another program has it, or it may not be used.</summary>
public sealed class PortTakenException(string message, Exception? reason = null) : Exception(message, reason);
