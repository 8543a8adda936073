module jangar/hack/cluster/images/pause

go 1.24
