namespace OscLooper.Server.Vault;

/// <summary>[any] What is remembered cannot be read or written; the message says why.</summary>
public class VaultException(string message) : Exception(message);

/// <summary>[any] It was written by a later version, and is left as it is.</summary>
public sealed class VaultTooNewException(string message) : VaultException(message);

/// <summary>[any] Another server holds the vault.</summary>
public sealed class VaultHeldException(string message) : VaultException(message);
