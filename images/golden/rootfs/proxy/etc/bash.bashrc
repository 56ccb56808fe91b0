# Interactive shells that are no login shells read this and not /etc/profile.
. /etc/profile.d/oriel.sh

[ -z "${PS1-}" ] && return
shopt -s checkwinsize
PS1='\u@\h:\w\$ '
