# The command line's own sentences, in English; zh.ftl holds the same in Simplified Chinese.
# help-… are looked up by their code: help-COMMAND-about, help-COMMAND-usage, help-arg-NAME.

